import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCounters } from '../../../src/counters/index.ts'
import { RecordSet } from '../../../src/records/record-set.ts'
import { type Reply, SERIAL, serve, snapshot } from '../setup.ts'

const COMMON = { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }

function assertHeaders(reply: Reply, expected: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(expected)) assert.equal(reply.headers[name], value)
}

function assertProblem(reply: Reply, status: number, reason: string, detail: RegExp): void {
  assert.equal(reply.status, status, reply.body)
  assertHeaders(reply, { ...COMMON, 'content-type': 'application/problem+json' })
  const problem = JSON.parse(reply.body)
  assert.equal(problem.type, 'about:blank')
  assert.equal(problem.status, status)
  assert.equal(problem.reason, reason)
  assert.match(problem.detail, detail)
}

test('a host with all its addresses, numbers as numbers', async (t) => {
  const { request } = await serve(t)
  const reply = await request('/v2/hosts/Web.marathon.mesos')
  assert.equal(reply.status, 200)
  assertHeaders(reply, { ...COMMON, 'content-type': 'application/json' })
  assert.equal(
    reply.body,
    `{
  "name": "web.marathon.mesos.",
  "canonicalName": "web.marathon.mesos.",
  "serial": ${SERIAL},
  "ttl": 60,
  "addresses": [
    "10.3.0.1",
    "10.3.0.2",
    "2001:db8::1"
  ]
}
`,
  )
})

test('a CNAME is followed; its TTL counts', async (t) => {
  const { request } = await serve(t)
  const { name, canonicalName, ttl } = JSON.parse((await request('/v2/hosts/www.mesos.')).body)
  assert.deepEqual([name, canonicalName, ttl], ['www.mesos.', 'web.marathon.mesos.', 5])
})

test('a service with every target and all addresses of each', async (t) => {
  const { request } = await serve(t)
  const reply = await request('/v2/services/_web._tcp.marathon.mesos')
  assert.equal(reply.status, 200)
  assertHeaders(reply, { ...COMMON, 'content-type': 'application/json' })
  assert.deepEqual(JSON.parse(reply.body), {
    name: '_web._tcp.marathon.mesos.',
    canonicalName: '_web._tcp.marathon.mesos.',
    serial: SERIAL,
    ttl: 60,
    targets: [
      {
        target: 'web-aaaaa-0.marathon.mesos.',
        port: 80,
        priority: 0,
        weight: 1,
        addresses: ['10.3.0.1', '10.4.0.1', '2001:db8::1'],
      },
      {
        target: 'no-address.marathon.mesos.',
        port: 81,
        priority: 0,
        weight: 1,
        addresses: [],
      },
      {
        target: 'web-bbbbb-1.marathon.mesos.',
        port: 31000,
        priority: 0,
        weight: 1,
        addresses: ['10.3.0.2'],
      },
    ],
  })
})

for (const [path, status, reason, detail] of [
  ['/v2/hosts/nope.mesos', 404, 'no-such-name', /^nope\.mesos\. has no records$/],
  ['/v2/hosts/leader.mesos%20', 400, 'invalid-name', /^"leader\.mesos " is no DNS name: /],
  ['/v2/hosts/a..mesos', 400, 'invalid-name', /empty label/],
  ['/v2/hosts/%00', 400, 'invalid-name', /^"\\u0000" is no DNS name/],
  [`/v2/hosts/${'a'.repeat(64)}.mesos`, 400, 'invalid-name', /64 octets/],
  [
    '/v2/hosts/www.example.com',
    404,
    'outside-zone',
    /^www\.example\.com\. is not in the zone mesos\./,
  ],
  ['/v2/hosts/outside.example.com', 404, 'outside-zone', /ask a resolver/],
  ['/v2/hosts/note.mesos', 404, 'no-such-type', /^note\.mesos\. only has TXT records$/],
  [
    '/v2/hosts/_web._tcp.marathon.mesos',
    404,
    'no-such-type',
    /only has SRV records; see \/v2\/services\/_web\._tcp\.marathon\.mesos\.$/,
  ],
  [
    '/v2/services/web.marathon.mesos',
    404,
    'no-such-type',
    /only has A and AAAA records; see \/v2\/hosts\/web\.marathon\.mesos\.$/,
  ],
  ['/v2/services/nope.mesos', 404, 'no-such-name', /has no records/],
  ['/v2/services/x', 404, 'outside-zone', /^x\. is not in/],
  ['/v2/hosts', 404, 'no-such-path', /openapi\.json/],
  ['/v2/hosts/a/b', 404, 'no-such-path', /no such path/],
  ['/v2/', 404, 'no-such-path', /no such path/],
  ['/v2/hosts/%zz', 400, 'bad-request', /hexadecimal/],
  [`/v2/hosts/${'a'.repeat(2048)}`, 414, 'uri-too-long', /2048 characters/],
] as const) {
  test(`GET ${path.slice(0, 50)}: ${status} ${reason}`, async (t) => {
    const { request } = await serve(t)
    assertProblem(await request(path), status, reason, detail)
  })
}

test('a trailing slash is accepted, a double one cleaned', async (t) => {
  const { request } = await serve(t)
  assert.equal((await request('/v2/hosts/leader.mesos/')).status, 200)
  const redirected = await request('/v2//hosts/leader.mesos')
  assert.deepEqual(
    [redirected.status, redirected.headers.location],
    [301, '/v2/hosts/leader.mesos'],
  )
})

test('HEAD has the headers of GET and no body', async (t) => {
  const { request } = await serve(t)
  for (const path of ['/v2/hosts/leader.mesos', '/v2/hosts/nope.mesos', '/openapi.json']) {
    const get = await request(path)
    const head = await request(path, { method: 'HEAD' })
    assert.equal(head.body, '')
    assert.equal(head.status, get.status)
    for (const name of ['content-type', 'content-length', 'etag']) {
      assert.equal(head.headers[name], get.headers[name], name)
    }
  }
})

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
  test(`${method} is 405 with Allow`, async (t) => {
    const { request } = await serve(t)
    for (const path of ['/v2/hosts/leader.mesos', '/v2/services/x', '/openapi.json']) {
      const reply = await request(path, { method })
      assertProblem(reply, 405, 'method-not-allowed', /is not possible here/)
      assert.equal(reply.headers.allow, 'GET, HEAD')
    }
  })
}

for (const [accept, status] of [
  ['*/*', 200],
  ['application/*', 200],
  ['application/json', 200],
  ['text/html, application/json;q=0.1', 200],
  ['application/xml', 406],
  ['application/json;q=0', 406],
] as const) {
  test(`Accept: ${accept} is ${status}`, async (t) => {
    const { request } = await serve(t)
    const reply = await request('/v2/hosts/leader.mesos', { headers: { accept } })
    assert.equal(reply.status, status)
    if (status === 406) assertProblem(reply, 406, 'not-acceptable', /application\/json/)
  })
}

test('If-None-Match with the current ETag is 304 without a body', async (t) => {
  const { request } = await serve(t)
  const { headers } = await request('/v2/hosts/leader.mesos')
  const etag = headers.etag ?? ''
  assert.match(etag, new RegExp(`^"${SERIAL}-[0-9a-f]{16}"$`))
  for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    for (const method of ['GET', 'HEAD']) {
      const reply = await request('/v2/hosts/leader.mesos', {
        method,
        headers: { 'if-none-match': value },
      })
      assert.deepEqual([reply.status, reply.body], [304, ''], value)
      assertHeaders(reply, { ...COMMON, etag })
      assert.equal(reply.headers['content-type'], undefined)
    }
  }
  const other = { headers: { 'if-none-match': '"other"' } }
  assert.equal((await request('/v2/hosts/leader.mesos', other)).status, 200)
})

test('If-None-Match does not hide that a name is gone', async (t) => {
  const { request } = await serve(t)
  const headers = { 'if-none-match': '*' }
  assert.equal((await request('/v2/hosts/nope.mesos', { headers })).status, 404)
})

test('the ETag moves with the serial and with the content, and only then', async (t) => {
  let current = snapshot()
  const { request } = await serve(t, { snapshot: () => current })
  const etag = async () => (await request('/v2/hosts/leader.mesos')).headers.etag
  const first = await etag()
  current = snapshot({ receivedAt: 99 })
  assert.equal(await etag(), first)
  current = snapshot({ serial: SERIAL + 1 })
  const second = await etag()
  assert.notEqual(second, first)
  const records = new RecordSet()
  records.add('A', 'leader.mesos.', '10.0.0.2')
  current = snapshot({ records, serial: SERIAL + 1 })
  assert.notEqual(await etag(), second)
})

test('counters of all threads together and of each', async (t) => {
  const { request } = await serve(t)
  const reply = await request('/v2/counters')
  assert.equal(reply.status, 200)
  assertHeaders(reply, { ...COMMON, 'content-type': 'application/json' })
  assert.equal(reply.headers.etag, undefined)
  const { total, threads } = JSON.parse(reply.body)
  assert.deepEqual(threads[0], total)
  assert.equal(threads.length, 2)
  assert.equal(threads[1].answers, 0)
  assert.equal(total.answers, 3)
  assert.deepEqual(total.byTransport, { udp4: 2, udp6: 0, tcp4: 0, tcp6: 1 })
  assert.deepEqual([total.byType.A, total.byType.SRV, total.byType.AAAA], [1, 1, 0])
  assert.deepEqual(total.byRcode, { NOERROR: 2, NXDOMAIN: 1 })
  assert.equal(total.truncated, 1)
  assert.equal(total.dropped.response, 1)
  const bounds = total.latency.buckets.map(({ seconds }: { seconds: number | null }) => seconds)
  assert.deepEqual(bounds.slice(0, 5), [0.000001, 0.000002, 0.000004, 0.000008, 0.000016])
  assert.equal(bounds.at(-1), null)
  assert.equal(total.latency.buckets[4].count, 3)
})

test('counters: those of this moment, also before the first state; read-only', async (t) => {
  let asked = 0
  const none = readCounters([])
  const counters = () => {
    asked++
    return none
  }
  const { request } = await serve(t, { snapshot: () => undefined, counters })
  assert.equal((await request('/v2/counters')).status, 200)
  assert.deepEqual(JSON.parse((await request('/v2/counters/')).body).threads, [])
  assert.equal(asked, 2)
  assert.equal((await request('/v2/counters', { method: 'POST' })).status, 405)
  assert.equal((await request('/v2/counters/x')).status, 404)
})

test('before the first state: 503, once the name is one of ours', async (t) => {
  const { request } = await serve(t, { snapshot: () => undefined })
  for (const path of ['/v2/hosts/leader.mesos', '/v2/services/_leader._tcp.mesos']) {
    const reply = await request(path)
    assertProblem(reply, 503, 'not-ready', /no state from a Mesos master yet/)
    assert.equal(reply.headers['retry-after'], '5')
  }
  assert.equal((await request('/v2/hosts/www.example.com')).status, 404)
  assert.equal((await request('/openapi.json')).status, 200)
})
