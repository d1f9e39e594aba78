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

test('nobody to make a list: 503 with Retry-After, logged; names are answered as ever', async (t) => {
  const { log, lines } = recordingLog()
  const current = snapshot({ listing: () => Promise.reject(new Error('thread has ended')) })
  const { request } = await serve(t, { log, snapshot: () => current })
  for (const path of ['/v1/enumerate', '/v1/enumerate', '/v1/axfr']) {
    const reply = await request(path)
    assert.deepEqual(
      [reply.status, reply.body],
      [503, '503: the list could not be made, try again'],
    )
    assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(reply.headers['retry-after'], '5')
  }
  assert.equal(lines.length, 2, 'each kind of list once')
  const logged = JSON.stringify(lines[0]?.fields['err'])
  assert.match(logged, /the list for \/v1\/enumerate could not be made.*thread has ended/)
  assert.equal((await request('/v1/hosts/leader.mesos')).status, 200)
})

test('a list is asked for once for each request, of the snapshot of its moment', async (t) => {
  const asked: string[] = []
  const current = snapshot({
    listing: async (kind) => {
      asked.push(kind)
      return [Buffer.from('[1,'), Buffer.from(' 2]')]
    },
  })
  const { request } = await serve(t, { snapshot: () => current })
  assert.equal((await request('/v1/axfr')).body, '[1, 2]')
  assert.equal((await request('/v1/enumerate')).body, '[1, 2]')
  assert.deepEqual(asked, ['axfr', 'enumerate'])
})
