import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordingLog } from '../recording-log.ts'
import { deadUpstream, framed, tcpUpstream, udpUpstream } from './hostile-upstream.ts'
import { a, addresses, edeIn, query, replyTo, summary } from './messages.ts'
import { AMPLE_MS, forwarder, SHORT_MS, TCP, UDP } from './setup.ts'

const answer = (address: string) => (bytes: Buffer, reply: (message: Buffer) => void) =>
  reply(replyTo(bytes, { answers: [a('www.example.com', address)] }))
const silent = () => {}

test('the first is asked, and no other while it answers', async (t) => {
  const first = await udpUpstream(t, answer('203.0.113.1'))
  const second = await udpUpstream(t, answer('203.0.113.2'))
  const forward = forwarder(t, { resolvers: [first.name, second.name] })
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(addresses(await forward.forward(query(), UDP)), ['203.0.113.1'])
  }
  assert.equal(second.received.length, 0)
})

test('the next is asked when one stays silent, with another id', async (t) => {
  const first = await udpUpstream(t, silent)
  const second = await udpUpstream(t, silent)
  const third = await udpUpstream(t, answer('203.0.113.3'))
  const ids = [0x1111, 0x2222, 0x3333]
  const forward = forwarder(
    t,
    { resolvers: [first.name, second.name, third.name] },
    { timeoutMs: AMPLE_MS, randomId: () => ids.shift() ?? 0 },
  )
  assert.deepEqual(addresses(await forward.forward(query(), UDP)), ['203.0.113.3'])
  const seen = [first, second, third].map(({ received }) =>
    received.map((bytes) => bytes.readUInt16BE(0)),
  )
  assert.deepEqual(seen, [[0x1111], [0x2222], [0x3333]])
})

test('a reply that comes too late is nobody’s', async (t) => {
  const late: (() => void)[] = []
  const first = await udpUpstream(t, (bytes, reply) => {
    late.push(() => answer('203.0.113.1')(bytes, reply))
  })
  const second = await udpUpstream(t, (bytes, reply) => {
    for (const send of late) send()
    answer('203.0.113.2')(bytes, reply)
  })
  const forward = forwarder(t, { resolvers: [first.name, second.name] }, { timeoutMs: AMPLE_MS })
  assert.deepEqual(addresses(await forward.forward(query(), UDP)), ['203.0.113.2'])
})

test('a closed port is noticed at once, over UDP', async (t) => {
  const second = await udpUpstream(t, answer('203.0.113.2'))
  const forward = forwarder(t, { resolvers: [await deadUpstream(), second.name] })
  assert.deepEqual(addresses(await forward.forward(query(), UDP)), ['203.0.113.2'])
})

test('a closed port is noticed at once, over TCP', async (t) => {
  const second = await tcpUpstream(t, (bytes, socket) =>
    socket.write(framed(replyTo(bytes, { flags: 3 }))),
  )
  const forward = forwarder(t, { resolvers: [await deadUpstream(), second.name] })
  assert.equal(summary(await forward.forward(query(), TCP)), 'NXDOMAIN [qr rd ra] 1/0/0/0')
})

test('an address that cannot be reached is passed over', async (t) => {
  // Broadcast needs a socket option that is not set: the send itself fails.
  const second = await udpUpstream(t, answer('203.0.113.2'))
  const forward = forwarder(t, { resolvers: ['255.255.255.255:53', second.name] })
  assert.deepEqual(addresses(await forward.forward(query(), UDP)), ['203.0.113.2'])
})

test('all silent: SERVFAIL, no reachable authority', async (t) => {
  const first = await udpUpstream(t, silent)
  const forward = forwarder(
    t,
    { resolvers: [first.name, await deadUpstream()] },
    { timeoutMs: SHORT_MS },
  )
  const reply = await forward.forward(query({ edns: { size: 1232 } }), UDP)
  assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/1')
  assert.equal(edeIn(reply), 22)
})

for (const client of [UDP, TCP]) {
  test(`all closed over ${client.transport}: SERVFAIL, network error`, async (t) => {
    const forward = forwarder(t, { resolvers: [await deadUpstream(), await deadUpstream()] })
    const reply = await forward.forward(query({ edns: { size: 1232 } }), client)
    assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/1')
    assert.equal(edeIn(reply), 23)
    assert.equal(summary(await forward.forward(query(), client)), 'SERVFAIL [qr rd ra] 1/0/0/0')
  })
}

test('names of a zone are asked of its resolvers and of nobody else', async (t) => {
  const zone = await udpUpstream(t, answer('203.0.113.3'))
  const others = await udpUpstream(t, answer('203.0.113.1'))
  const config = { resolvers: [others.name], zoneResolvers: { weave: [zone.name] } }
  const forward = forwarder(t, config)
  const cases: [name: string, type: string, address: string][] = [
    ['host.weave', 'A', '203.0.113.3'],
    ['weave', 'A', '203.0.113.3'],
    ['HOST.Weave', 'A', '203.0.113.3'],
    ['hostweave', 'A', '203.0.113.1'],
    ['host.weave', 'DS', '203.0.113.3'],
    ['weave', 'DS', '203.0.113.1'],
  ]
  for (const [name, type, address] of cases) {
    assert.deepEqual(addresses(await forward.forward(query({ name, type }), UDP)), [address])
  }
})

test('a zone whose resolvers fail is not asked of the others', async (t) => {
  const others = await udpUpstream(t, answer('203.0.113.1'))
  const config = { resolvers: [others.name], zoneResolvers: { weave: [await deadUpstream()] } }
  const reply = await forwarder(t, config).forward(query({ name: 'host.weave' }), UDP)
  assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/0')
  assert.equal(others.received.length, 0)
})

test('failures and the recovery are logged once, without a word on the query', async (t) => {
  const { log, lines } = recordingLog()
  let up = false
  const flaky = await udpUpstream(t, (bytes, reply) => {
    if (up) reply(replyTo(bytes))
    else reply(replyTo(bytes, { answers: [a('x')] }).subarray(0, -1))
  })
  const forward = forwarder(t, { resolvers: [flaky.name] }, { log })
  for (let i = 0; i < 5; i++) await forward.forward(query(), UDP)
  up = true
  for (let i = 0; i < 5; i++) await forward.forward(query(), UDP)
  assert.deepEqual(lines, [
    {
      level: 'warn',
      message: 'upstream fails',
      fields: {
        upstream: flaky.name,
        failure: 'malformed',
        detail: 'reply has records that cannot be read',
        failures: 1,
      },
    },
    {
      level: 'info',
      message: 'upstream answers again',
      fields: { upstream: flaky.name, failures: 4 },
    },
  ])
})

test('the log says how many replies did not match', async (t) => {
  const { log, lines } = recordingLog()
  const wrong = await udpUpstream(t, (bytes, reply) => {
    reply(bytes)
    reply(bytes)
  })
  const forward = forwarder(t, { resolvers: [wrong.name] }, { log, timeoutMs: AMPLE_MS })
  await forward.forward(query(), UDP)
  assert.equal(
    lines[0]?.fields['detail'],
    `no reply in ${AMPLE_MS / 1000} s, 2 replies did not match the query`,
  )
})
