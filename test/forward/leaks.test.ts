import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deadUpstream, framed, tcpUpstream, udpUpstream } from './hostile-upstream.ts'
import { query, replyTo } from './messages.ts'
import { forwarder, SHORT_MS, TCP, UDP } from './setup.ts'

// In a file of its own: what is counted belongs to the whole process.
test('no socket and no timer outlives its query, however it ended', async (t) => {
  const before = active()
  const answering = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
  const silent = await udpUpstream(t, () => {})
  const overTcp = await tcpUpstream(t, (bytes, socket) => socket.write(framed(replyTo(bytes))))
  const closing = await tcpUpstream(t, (_, socket) => socket.end())
  const servers = 4
  const fails = await deadUpstream()

  for (const resolvers of [
    [answering.name],
    [fails],
    [silent.name],
    [fails, '255.255.255.255:53'],
  ]) {
    const forward = forwarder(t, { resolvers }, { timeoutMs: SHORT_MS })
    await Promise.all(Array.from({ length: 50 }, () => forward.forward(query(), UDP)))
  }
  for (const resolvers of [[overTcp.name], [fails], [closing.name, fails]]) {
    const forward = forwarder(t, { resolvers }, { timeoutMs: SHORT_MS })
    await Promise.all(Array.from({ length: 50 }, () => forward.forward(query(), TCP)))
  }
  const aborted = forwarder(t, { resolvers: [silent.name] })
  const waiting = Array.from({ length: 50 }, () => aborted.forward(query(), UDP))
  await aborted.close()
  await Promise.all(waiting)

  // Handles go a few turns of the loop after they were closed. A leak shows as a test that never ends.
  while (active() - before > servers) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(active() - before, servers)
})

/** Sockets, servers and timers that keep this process alive. */
function active(): number {
  const kinds = ['UDPWrap', 'TCPSocketWrap', 'TCPServerWrap', 'TCPConnectWrap', 'Timeout']
  return process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).length
}
