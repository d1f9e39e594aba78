import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../../src/config/index.ts'
import type { ReloadResult } from '../../../src/http/index.ts'
import { recordingLog } from '../../recording-log.ts'
import { serve, unchanged } from '../setup.ts'

const POST = { method: 'POST' }
const ISSUE = {
  where: '/etc/mesos-ns/config.json:3:12',
  path: 'ttl',
  value: -1,
  message: 'must be at least 0',
  fix: 'use a whole number',
}
const WARNING = { ...ISSUE, path: 'tttl', value: undefined, message: 'is not known' }

test('a reload that was applied', async (t) => {
  let calls = 0
  const result: ReloadResult = {
    status: 'applied',
    changed: ['ttl', 'resolvers'],
    needsRestart: ['workers'],
    warnings: [WARNING],
  }
  const reload = async () => {
    calls++
    return result
  }
  const { request } = await serve(t, { reload })
  const reply = await request('/v1/reload', POST)
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['content-type'], 'application/json')
  const { value: _, ...warning } = WARNING
  assert.deepEqual(JSON.parse(reply.body), { ...result, warnings: [warning] })
  assert.equal(calls, 1)
})

test('a body, and a slash at the end, make no difference', async (t) => {
  const { request } = await serve(t)
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 0 }
  const reply = await request('/v1/reload/', { ...POST, headers })
  assert.deepEqual([reply.status, JSON.parse(reply.body).status], [200, 'unchanged'])
})

test('a bad file: 422 with every issue, and nothing secret is added', async (t) => {
  const error = new ConfigError([ISSUE], { warnings: [WARNING] })
  const { request } = await serve(t, {
    reload: async () => unchanged({ status: 'failed', error }),
  })
  const reply = await request('/v1/reload', POST)
  assert.equal(reply.status, 422)
  assert.equal(reply.headers['content-type'], 'application/problem+json')
  const { reason, errors, warnings } = JSON.parse(reply.body)
  const { value: _, ...warning } = WARNING
  assert.deepEqual(
    { reason, errors, warnings },
    {
      reason: 'invalid-config',
      errors: [ISSUE],
      warnings: [warning],
    },
  )
})

test('a good file that cannot be put into effect: 409 with the reason', async (t) => {
  const error = new Error('cannot listen for DNS on 10.0.0.9:53')
  const { request } = await serve(t, {
    reload: async () => unchanged({ status: 'failed', error }),
  })
  const reply = await request('/v1/reload', POST)
  assert.equal(reply.status, 409)
  const { reason, detail, errors } = JSON.parse(reply.body)
  assert.equal(reason, 'reload-failed')
  assert.match(detail, /cannot listen for DNS on 10\.0\.0\.9:53$/)
  assert.deepEqual(errors, [])
})

test('a fault of ours is a 500 in JSON and is logged', async (t) => {
  const { log, lines } = recordingLog()
  const { request } = await serve(t, { log, reload: () => Promise.reject(new Error('bug')) })
  const reply = await request('/v1/reload', POST)
  assert.deepEqual([reply.status, JSON.parse(reply.body).reason], [500, 'internal-error'])
  assert.equal(lines.length, 1)
})

test('other methods are refused and reload nothing', async (t) => {
  const { request } = await serve(t, { reload: () => Promise.reject(new Error('not called')) })
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const reply = await request('/v1/reload', { method })
    assert.deepEqual([reply.status, reply.headers['allow']], [405, 'POST'], method)
  }
})

test('POST is for nothing else', async (t) => {
  const { request } = await serve(t)
  for (const path of ['/ready', '/health', '/metrics', '/v2/status', '/openapi.json']) {
    const reply = await request(path, POST)
    assert.deepEqual([reply.status, reply.headers['allow']], [405, 'GET, HEAD'], path)
  }
})

for (const headers of [
  { origin: 'null' },
  { host: 'rebound.example.com' },
  { 'x-forwarded-for': '127.0.0.1' },
]) {
  test(`${JSON.stringify(headers)} is refused and reloads nothing`, async (t) => {
    const { request } = await serve(t, { reload: () => Promise.reject(new Error('not called')) })
    const reply = await request('/v1/reload', { ...POST, headers })
    assert.deepEqual([reply.status, JSON.parse(reply.body).reason], [403, 'forbidden'])
    assert.equal(reply.headers['access-control-allow-origin'], undefined)
  })
}
