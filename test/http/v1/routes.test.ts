import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goJson } from '../../../src/go-json.ts'
import { config, ENUMERATION, type Reply, SERIAL, serve, snapshot, VERSION } from '../setup.ts'

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const NO_HOST = [{ host: '', ip: '' }]
const NO_SERVICE = [{ service: '', host: '', ip: '', port: '' }]

function assertJson(reply: Reply, value: unknown): void {
  assert.equal(reply.status, 200, reply.body)
  assert.equal(reply.headers['content-type'], JSON_TYPE)
  assert.equal(reply.body, goJson(value))
}

function assertText(reply: Reply, status: number, body: string): void {
  assert.deepEqual([reply.status, reply.body], [status, body])
  assert.equal(reply.headers['content-type'], TEXT_TYPE)
}

test('/v1/version', async (t) => {
  const { request } = await serve(t)
  const reply = await request('/v1/version')
  assertJson(reply, { Service: 'Mesos-DNS', URL: '/openapi.json', Version: VERSION })
  assert.equal(reply.headers['content-length'], String(reply.body.length))
})

test('no header that Mesos-DNS did not send', async (t) => {
  const { request } = await serve(t)
  for (const path of ['/v1/version', '/v1/hosts/leader.mesos', '/v1/axfr', '/nope']) {
    const { headers } = await request(path)
    const known = ['content-type', 'content-length', 'date', 'connection', 'transfer-encoding']
    assert.deepEqual(
      Object.keys(headers).filter((name) => !known.includes(name)),
      [],
      path,
    )
  }
})

test('/v1/config masks secrets and shows the serial', async (t) => {
  const settings = {
    mesosAuthentication: 'basic',
    mesosCredentials: { principal: 'me', secret: 'hunter2' },
    staticRecords: [{ name: 'www.mesos', type: 'A', address: '10.0.0.7' }],
  }
  const { request } = await serve(t, { config: config(settings) })
  const { status, body } = await request('/v1/config')
  assert.equal(status, 200)
  assert.doesNotMatch(body, /hunter2/)
  const shown = JSON.parse(body)
  assert.deepEqual(shown.MesosCredentials, { Principal: 'me', Secret: '***' })
  assert.equal(shown.SOASerial, SERIAL)
  assert.equal(body, goJson(shown), 'the layout of Go')
})

for (const [path, name, ips] of [
  ['/v1/hosts/leader.mesos', 'leader.mesos.', ['10.0.0.1']],
  ['/v1/hosts/leader.mesos.', 'leader.mesos.', ['10.0.0.1']],
  ['/v1/hosts/LEADER.Mesos', 'leader.mesos.', ['10.0.0.1']],
  ['/v1/hosts/leader.mesos/', 'leader.mesos.', ['10.0.0.1']],
  ['/v1/hosts/%6Ceader%2Emesos', 'leader.mesos.', ['10.0.0.1']],
  ['/v1/hosts/leader.mesos?x=//y', 'leader.mesos.', ['10.0.0.1']],
  [
    '/v1/hosts/web.*.marathon.*.mesos',
    'web.marathon.mesos.',
    ['10.3.0.1', '10.3.0.2', '2001:db8::1'],
  ],
  ['/v1/hosts/www.mesos', 'www.mesos.', ['10.3.0.1', '10.3.0.2', '2001:db8::1']],
] as const) {
  test(`GET ${path}`, async (t) => {
    const { request } = await serve(t)
    assertJson(
      await request(path),
      ips.map((ip) => ({ host: name, ip })),
    )
  })
}

for (const path of [
  '/v1/hosts/nope.mesos',
  '/v1/hosts/www.example.com',
  '/v1/hosts/.*',
  '/v1/hosts/.*.*',
  '/v1/hosts/...',
  '/v1/hosts/%00',
  '/v1/hosts/%ff',
  '/v1/hosts/%E6%BC%A2.mesos',
  '/v1/hosts/__proto__',
  '/v1/hosts/note.mesos',
  '/v1/hosts/%2541',
  `/v1/hosts/${'a'.repeat(1500)}`,
]) {
  test(`GET ${path.slice(0, 40)}: nothing there`, async (t) => {
    const { request } = await serve(t)
    assertJson(await request(path), NO_HOST)
  })
}

test('/v1/hosts/{host}/ports is what it always was', async (t) => {
  const { request } = await serve(t)
  for (const path of [
    '/v1/hosts/leader.mesos/ports',
    '/v1/hosts/x/ports/',
    '/v1/hosts/x%2fports',
  ]) {
    assertText(await request(path), 501, 'To be implemented...')
  }
})

for (const [random, ips] of [
  [0, ['10.3.0.1', '2001:db8::1', '10.3.0.2']],
  [0.99, ['10.4.0.1', '2001:db8::1', '10.3.0.2']],
] as const) {
  test(`/v1/services: one address of each family per record, by chance (${random})`, async (t) => {
    const { request } = await serve(t, { random: () => random })
    const service = '_web._tcp.marathon.mesos'
    assertJson(await request(`/v1/services/${service}`), [
      { service, host: 'web-aaaaa-0.marathon.mesos.', ip: ips[0], port: '80' },
      { service, host: 'web-aaaaa-0.marathon.mesos.', ip: ips[1], port: '80' },
      { service, host: 'web-bbbbb-1.marathon.mesos.', ip: ips[2], port: '31000' },
    ])
  })
}

for (const asked of ['_WEB._tcp.Marathon.mesos', '_web._tcp.*.marathon.mesos.']) {
  test(`/v1/services/${asked} echoes the name as asked`, async (t) => {
    const { request } = await serve(t)
    const [first] = JSON.parse((await request(`/v1/services/${asked}`)).body)
    assert.equal(first.service, asked)
    assert.equal(first.host, 'web-aaaaa-0.marathon.mesos.')
  })
}

for (const asked of [
  '_nope._tcp.mesos',
  '_empty._tcp.marathon.mesos',
  'leader.mesos',
  '.*',
  '%3Cb%3E',
]) {
  test(`/v1/services/${asked}: nothing there`, async (t) => {
    const { request } = await serve(t)
    assertJson(await request(`/v1/services/${asked}`), NO_SERVICE)
  })
}

test('/v1/enumerate', async (t) => {
  const { request } = await serve(t)
  assertJson(await request('/v1/enumerate'), ENUMERATION)
})

test('/v1/axfr', async (t) => {
  const current = snapshot({ config: config({ ttl: 30, refreshSeconds: 7 }) })
  const { request } = await serve(t, { snapshot: () => current })
  const reply = await request('/v1/axfr')
  assert.equal(reply.headers['content-type'], JSON_TYPE)
  const { Records, ...head } = JSON.parse(reply.body)
  assert.deepEqual(Object.entries(head), [
    ['TTL', 30],
    ['Serial', SERIAL],
    ['RefreshSeconds', 7],
    ['Mname', 'ns1.mesos.'],
    ['Rname', 'root.ns1.mesos.'],
    ['Domain', 'mesos'],
  ])
  assert.deepEqual(Object.keys(Records), ['As', 'AAAAs', 'SRVs'])
  assert.deepEqual(Records.As['Raw <Name>.marathon.mesos.'], ['10.3.0.9'])
  assert.match(reply.body, /"Raw \\u003cName\\u003e\.marathon\.mesos\.": \[/)
  assert.deepEqual(Records.SRVs['_empty._tcp.marathon.mesos.'], ['no-address.marathon.mesos.:81'])
})

test('EnumerationOn=false removes enumerate and axfr for every method', async (t) => {
  const { request } = await serve(t, { config: config({ EnumerationOn: false }) })
  for (const path of ['/v1/enumerate', '/v1/axfr', '/v1/axfr/']) {
    assertText(await request(path), 404, '404: Page Not Found')
    assertText(await request(path, { method: 'POST' }), 404, '404: Page Not Found')
  }
})

for (const path of [
  '/',
  '/v1',
  '/v1/',
  '/v1/hosts',
  '/v1/hosts/',
  '/v1/services/',
  '/v1/version/x',
  '/v1/hosts/a/b',
  '/v1/hosts/a%2Fb',
  '/V1/version',
  '/v1/Version',
  '/v1/metrics',
]) {
  test(`GET ${path}: 404`, async (t) => {
    const { request } = await serve(t)
    assertText(await request(path), 404, '404: Page Not Found')
    assertText(
      await request(path, { method: 'POST', headers: { accept: 'application/xml' } }),
      404,
      '404: Page Not Found',
    )
  })
}

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
  test(`${method} is 405 on every path`, async (t) => {
    const { request } = await serve(t)
    for (const path of ['/v1/version', '/v1/hosts/leader.mesos', '/v1/hosts/x/ports', '/v1/axfr']) {
      assertText(await request(path, { method }), 405, '405: Method Not Allowed')
    }
  })
}

test('HEAD is 405 with the length of the body it does not have', async (t) => {
  const { request } = await serve(t)
  const reply = await request('/v1/version', { method: 'HEAD' })
  assertText(reply, 405, '')
  assert.equal(reply.headers['content-length'], '23')
})

test('Accept decides before the answer is made', async (t) => {
  const { request } = await serve(t)
  const xml = { headers: { accept: 'application/xml' } }
  assertText(await request('/v1/version', xml), 406, '406: Not Acceptable')
  assertText(await request('/v1/hosts/leader.mesos/ports', xml), 406, '406: Not Acceptable')
  const json = await request('/v1/version', { headers: { accept: 'application/json' } })
  assert.equal(json.status, 200)
})

for (const [path, location] of [
  ['//v1/version', '/v1/version'],
  ['/v1//version', '/v1/version'],
  ['/v1/./version/', '/v1/version/'],
  ['/v1/x/../version', '/v1/version'],
  ['/v1//hosts/a%20b?q=1&r=2', '/v1/hosts/a%20b?q=1&r=2'],
  ['//evil.example/..', '/'],
  ['/v1/hosts/%2e%2e/version', '/v1/version'],
] as const) {
  test(`GET ${path}: 301 to ${location}`, async (t) => {
    const { request } = await serve(t)
    const reply = await request(path)
    assert.equal(reply.status, 301)
    assert.equal(reply.headers.location, location)
    assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8')
    const shown = location.replaceAll('&', '&amp;')
    assert.equal(reply.body, `<a href="${shown}">Moved Permanently</a>.\n\n`)
  })
}

test('other methods are redirected without a body', async (t) => {
  const { request } = await serve(t)
  const post = await request('/v1//version', { method: 'POST' })
  assert.deepEqual([post.status, post.body, post.headers['content-type']], [301, '', undefined])
  const head = await request('/v1//version', { method: 'HEAD' })
  assert.deepEqual([head.status, head.body], [301, ''])
})

test('a redirect shows no markup of its own', async (t) => {
  const { request } = await serve(t)
  const { body } = await request(`/v1//version?"><script>'`)
  assert.doesNotMatch(body, /<script>|"><|'/)
})

test('a % without two digits behind it is 400', async (t) => {
  const { request } = await serve(t)
  for (const path of ['/v1/hosts/%zz', '/v1/hosts/100%', '/%4']) {
    assertText(await request(path), 400, '400 Bad Request')
  }
})

test('before the first state: 503 for names, and the rest works', async (t) => {
  const { request } = await serve(t, { snapshot: () => undefined })
  for (const path of [
    '/v1/hosts/leader.mesos',
    '/v1/services/_leader._tcp.mesos',
    '/v1/enumerate',
    '/v1/axfr',
  ]) {
    const reply = await request(path)
    assertText(reply, 503, '503: no state from a Mesos master yet, try again')
    assert.equal(reply.headers['retry-after'], '5')
  }
  assert.equal((await request('/v1/version')).status, 200)
  assert.equal(JSON.parse((await request('/v1/config')).body).SOASerial, 0)
  assert.equal((await request('/v1/hosts/leader.mesos/ports')).status, 501)
})

test('each request sees the snapshot of its moment', async (t) => {
  let addresses = 0
  const { request } = await serve(t, {
    snapshot: () => {
      addresses++
      return undefined
    },
  })
  await request('/v1/hosts/leader.mesos')
  await request('/v1/hosts/leader.mesos')
  assert.equal(addresses, 2)
})
