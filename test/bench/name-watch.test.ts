import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { type Answer, decode, encode } from 'dns-packet'
import { NameWatch } from '../../bench/name-watch.ts'

/** A server that has an address for a name from the given question on. */
async function serve(firstRight: Readonly<Record<string, number>>) {
  const asked: Record<string, number> = {}
  const socket = createSocket('udp4')
  socket.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message)
    const name = questions[0]?.name ?? ''
    asked[name] = (asked[name] ?? 0) + 1
    const found: Answer[] =
      asked[name] >= (firstRight[name] ?? Number.POSITIVE_INFINITY)
        ? [{ type: 'A', name, data: '192.0.2.1' }]
        : []
    socket.send(encode({ type: 'response', id, questions, answers: found }), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, asked }
}

test('names are asked for until each has an address', async () => {
  const { socket, asked } = await serve({ 'a.mesos': 1, 'b.mesos': 3 })
  const watch = new NameWatch(socket.address().port)
  const [a = 0, b = 0] = await watch.answered(['a.mesos', 'b.mesos'], 5)
  assert.ok(a > 0 && b > a, `${a} ${b}`)
  const before = asked['a.mesos'] ?? 0
  assert.ok(before >= 1 && (asked['b.mesos'] ?? 0) >= 3)
  await watch.answered(['a.mesos'], 5)
  assert.ok((asked['a.mesos'] ?? 0) > before)
  watch.close()
  socket.close()
})
