import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordingLog } from '../recording-log.ts'
import { serve, snapshot } from './setup.ts'

/** A snapshot whose records cannot be read: the bug nobody has thought of. */
function broken(): never {
  throw new Error('internal secret')
}

test('a failing handler is a plain 500 on /v1, logged once with its stack', async (t) => {
  const { log, lines } = recordingLog()
  const { request } = await serve(t, { log, snapshot: broken })
  const reply = await request('/v1/hosts/leader.mesos')
  assert.deepEqual([reply.status, reply.body], [500, '500: Internal Server Error'])
  assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal((await request('/v1/hosts/leader.mesos')).status, 500)
  assert.equal(lines.length, 1)
  assert.match(JSON.stringify(lines[0]?.fields['err']), /internal secret/)
})

test('a failing handler is a problem document on /v2 and says nothing of its cause', async (t) => {
  const { request } = await serve(t, { snapshot: broken })
  const reply = await request('/v2/hosts/leader.mesos')
  assert.equal(reply.status, 500)
  assert.equal(reply.headers['content-type'], 'application/problem+json')
  assert.equal(JSON.parse(reply.body).reason, 'internal-error')
  assert.doesNotMatch(reply.body, /secret|stack|\.ts/)
})

test('a body that fails half-way ends the connection and is logged', async (t) => {
  const { log, lines } = recordingLog()
  const tasks = Array.from({ length: 5_000 }, (_, i) => ({ name: 'x', id: `${i}`, records: null }))
  const odd = { name: 'odd', id: Number.NaN as unknown as string, records: null }
  const enumeration = { frameworks: [{ tasks: [...tasks, odd], name: 'f' }] }
  const current = snapshot({ enumerate: () => enumeration })
  const { request } = await serve(t, { log, snapshot: () => current })
  await assert.rejects(request('/v1/enumerate'), { code: 'ECONNRESET' })
  assert.equal(lines.length, 1)
  assert.match(JSON.stringify(lines[0]?.fields['err']), /JSON has no form for NaN/)
})
