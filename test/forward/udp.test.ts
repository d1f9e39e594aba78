import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { udpUpstream } from './hostile-upstream.ts'
import {
  a,
  addresses,
  CLIENT_ID,
  edeIn,
  manyA,
  opt,
  optIn,
  type QuerySpec,
  query,
  read,
  replyTo,
  summary,
} from './messages.ts'
import { forwarder, SHORT_MS, UDP } from './setup.ts'

const asked: [what: string, spec: QuerySpec][] = [
  ['a plain query', {}],
  ['mixed case', { name: 'WwW.eXample.COM' }],
  ['the root', { name: '.', type: 'NS' }],
  ['type DS', { type: 'DS' }],
  ['type TXT', { type: 'TXT' }],
  ['a reverse name', { name: '4.3.2.1.in-addr.arpa', type: 'PTR' }],
  ['RD=0', { flags: 0 }],
  ['CD and AD', { flags: 0x0130 }],
  ['the reserved bit', { flags: 0x0140 }],
  ['opcode NOTIFY', { flags: 0x2000, type: 'SOA' }],
  ['EDNS', { edns: { size: 4096 } }],
  ['EDNS below 512', { edns: { size: 100 } }],
  ['DO', { edns: { size: 1232, do: true } }],
  ['a cookie', { edns: { size: 1232, options: [{ code: 10, data: Buffer.from('12345678') }] } }],
  [
    'an option nobody knows',
    { edns: { size: 1232, options: [{ code: 65001, data: Buffer.from('?') }] } },
  ],
]
for (const [what, spec] of asked) {
  test(`${what} reaches the upstream byte for byte, but for the id`, async (t) => {
    const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
    const bytes = query(spec)
    const reply = await forwarder(
      t,
      { resolvers: [upstream.name] },
      { randomId: () => 0x0bad },
    ).forward(bytes, UDP)
    assert.equal(upstream.received.length, 1)
    assert.equal(upstream.received[0]?.readUInt16BE(0), 0x0bad)
    assert.deepEqual(upstream.received[0]?.subarray(2), bytes.subarray(2))
    assert.equal(Buffer.from(reply).readUInt16BE(0), CLIENT_ID)
    assert.deepEqual(read(reply).questions, read(bytes).questions)
  })
}

test('octets behind the records of a query are sent as they are', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) =>
    reply(replyTo(query({ id: bytes.readUInt16BE(0) }))),
  )
  const bytes = Buffer.concat([query(), Buffer.from('trailing')])
  await forwarder(t, { resolvers: [upstream.name] }).forward(bytes, UDP)
  assert.deepEqual(upstream.received[0]?.subarray(2), bytes.subarray(2))
})

test('the caller may reuse the query at once', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
  const bytes = query()
  const waiting = forwarder(t, { resolvers: [upstream.name] }).forward(bytes, UDP)
  bytes.fill(0xff)
  assert.equal(summary(await waiting), 'NOERROR [qr rd ra] 1/0/0/0')
  assert.deepEqual(upstream.received[0]?.subarray(2), query().subarray(2))
})

test('ids and source ports differ from query to query', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
  const forward = forwarder(t, { resolvers: [upstream.name] })
  for (let i = 0; i < 16; i++) await forward.forward(query(), UDP)
  assert.ok(new Set(upstream.received.map((bytes) => bytes.readUInt16BE(0))).size > 8)
  assert.ok(new Set(upstream.ports).size > 8)
})

const replies: [what: string, head: string, make: (bytes: Buffer) => Buffer][] = [
  [
    'an answer',
    'NOERROR [qr rd ra] 1/1/0/0',
    (bytes) => replyTo(bytes, { answers: [a('www.example.com')] }),
  ],
  [
    'an authoritative answer',
    'NOERROR [qr aa rd ra] 1/1/0/0',
    (bytes) => replyTo(bytes, { answers: [a('www.example.com')], flags: 0x0400 }),
  ],
  ['AD and CD', 'NOERROR [qr rd ra ad cd] 1/0/0/0', (bytes) => replyTo(bytes, { flags: 0x0030 })],
  ['no data', 'NOERROR [qr rd ra] 1/0/0/0', (bytes) => replyTo(bytes)],
  ['NXDOMAIN', 'NXDOMAIN [qr rd ra] 1/0/0/0', (bytes) => replyTo(bytes, { flags: 3 })],
  ['SERVFAIL', 'SERVFAIL [qr rd ra] 1/0/0/0', (bytes) => replyTo(bytes, { flags: 2 })],
  ['REFUSED', 'REFUSED [qr rd ra] 1/0/0/0', (bytes) => replyTo(bytes, { flags: 5 })],
  ['NOTIMP', 'NOTIMP [qr rd ra] 1/0/0/0', (bytes) => replyTo(bytes, { flags: 4 })],
  [
    'TC with what came along',
    'NOERROR [qr tc rd ra] 1/2/0/0',
    (bytes) => replyTo(bytes, { answers: manyA('x', 2), flags: 0x0200 }),
  ],
]
for (const [what, head, make] of replies) {
  test(`${what} is final and passed on as it came`, async (t) => {
    const upstream = await udpUpstream(t, (bytes, reply) => reply(make(bytes)))
    const next = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
    const reply = await forwarder(t, { resolvers: [upstream.name, next.name] }).forward(
      query(),
      UDP,
    )
    assert.equal(summary(reply), head)
    assert.deepEqual(Buffer.from(reply), make(query()))
    assert.equal(next.received.length, 0)
  })
}

const wrong: [what: string, make: (bytes: Buffer) => Buffer][] = [
  [
    'another id',
    (bytes) =>
      patched(replyTo(bytes), (reply) => reply.writeUInt16BE(bytes.readUInt16BE(0) ^ 1, 0)),
  ],
  ['QR=0', (bytes) => patched(replyTo(bytes), (reply) => reply.writeUInt8(0x01, 2))],
  ['another opcode', (bytes) => patched(replyTo(bytes), (reply) => reply.writeUInt8(0xa1, 2))],
  [
    'another name',
    (bytes) => replyTo(query({ name: 'wwx.example.com', id: bytes.readUInt16BE(0) })),
  ],
  [
    'a longer name',
    (bytes) => replyTo(query({ name: 'www.example.com.x', id: bytes.readUInt16BE(0) })),
  ],
  [
    'another case',
    (bytes) => replyTo(query({ name: 'www.eXample.com', id: bytes.readUInt16BE(0) })),
  ],
  ['another type', (bytes) => replyTo(query({ type: 'AAAA', id: bytes.readUInt16BE(0) }))],
  [
    'another class',
    (bytes) => patched(replyTo(bytes), (reply) => reply.writeUInt16BE(3, 12 + 17 + 2)),
  ],
  [
    'no question',
    (bytes) => patched(replyTo(bytes).subarray(0, 12), (reply) => reply.writeUInt16BE(0, 4)),
  ],
  [
    'a question count of two',
    (bytes) => patched(replyTo(bytes), (reply) => reply.writeUInt16BE(2, 4)),
  ],
  ['a cut question', (bytes) => replyTo(bytes).subarray(0, 30)],
  ['a header', (bytes) => replyTo(bytes).subarray(0, 12)],
  ['eleven octets', (bytes) => replyTo(bytes).subarray(0, 11)],
  ['nothing', () => Buffer.alloc(0)],
  ['garbage', () => Buffer.from('garbage garbage garbage garbage garbage')],
  ['the query itself', (bytes) => bytes],
]
for (const [what, make] of wrong) {
  test(`a reply with ${what} is ignored, the right one behind it counts`, async (t) => {
    const upstream = await udpUpstream(t, (bytes, reply) => {
      reply(make(bytes))
      reply(replyTo(bytes, { answers: [a('www.example.com', '203.0.113.7')] }))
    })
    const next = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
    const reply = await forwarder(t, { resolvers: [upstream.name, next.name] }).forward(
      query(),
      UDP,
    )
    assert.deepEqual(addresses(reply), ['203.0.113.7'])
    assert.equal(next.received.length, 0)
  })
}

test('with nothing but wrong replies the upstream has not answered', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => {
    for (const [, make] of wrong) reply(make(bytes))
  })
  const forward = forwarder(t, { resolvers: [upstream.name] }, { timeoutMs: SHORT_MS })
  const reply = await forward.forward(query({ edns: { size: 1232 } }), UDP)
  assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/1')
  assert.equal(edeIn(reply), 22)
})

test('a right reply from another port does not count', async (t) => {
  const spoofer = createSocket('udp4')
  t.after(() => {
    spoofer.close()
  })
  spoofer.bind(0, '127.0.0.1')
  await once(spoofer, 'listening')
  const upstream = await udpUpstream(t, (bytes, reply, client) => {
    const forged = replyTo(bytes, { answers: [a('www.example.com', '198.51.100.66')] })
    spoofer.send(forged, client.port, client.address, () => {
      reply(replyTo(bytes, { answers: [a('www.example.com', '203.0.113.1')] }))
    })
  })
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), UDP)
  assert.deepEqual(addresses(reply), ['203.0.113.1'])
})

test('a second reply to the same query harms nothing', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => {
    for (let i = 0; i < 5; i++) reply(replyTo(bytes))
  })
  const forward = forwarder(t, { resolvers: [upstream.name] })
  for (let i = 0; i < 3; i++) {
    assert.equal(summary(await forward.forward(query(), UDP)), 'NOERROR [qr rd ra] 1/0/0/0')
  }
})

test('records that cannot be read fail the upstream, the next one is asked', async (t) => {
  const broken = await udpUpstream(t, (bytes, reply) =>
    reply(replyTo(bytes, { answers: [a('www.example.com')] }).subarray(0, -2)),
  )
  const next = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes, { flags: 3 })))
  const reply = await forwarder(t, { resolvers: [broken.name, next.name] }).forward(query(), UDP)
  assert.equal(summary(reply), 'NXDOMAIN [qr rd ra] 1/0/0/0')
})

test('a truncated reply that ends inside a record is TC without records', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) =>
    reply(replyTo(bytes, { answers: manyA('x', 3), flags: 0x0200 }).subarray(0, -5)),
  )
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), UDP)
  assert.equal(summary(reply), 'NOERROR [qr tc rd ra] 1/0/0/0')
  assert.equal(reply.length, query().length)
})

const sizes: [client: number | undefined, ours: number, records: number, head: string][] = [
  [undefined, 1232, 15, 'NOERROR [qr rd ra] 1/15/0/0'],
  [undefined, 1232, 16, 'NOERROR [qr tc rd ra] 1/0/0/0'],
  [undefined, 4096, 60, 'NOERROR [qr tc rd ra] 1/0/0/0'],
  [600, 1232, 15, 'NOERROR [qr rd ra] 1/15/0/1'],
  [600, 1232, 60, 'NOERROR [qr tc rd ra] 1/0/0/1'],
  [100, 1232, 15, 'NOERROR [qr rd ra] 1/15/0/1'],
  [4096, 1232, 38, 'NOERROR [qr rd ra] 1/38/0/1'],
  [4096, 1232, 60, 'NOERROR [qr tc rd ra] 1/0/0/1'],
  [4096, 4096, 60, 'NOERROR [qr rd ra] 1/60/0/1'],
  [65535, 4096, 2000, 'NOERROR [qr tc rd ra] 1/0/0/1'],
]
for (const [client, ours, records, head] of sizes) {
  test(`${records} records, a client with ${client ?? 'no'} EDNS size, our ${ours}: ${head}`, async (t) => {
    const edns = client === undefined ? undefined : { size: client }
    const upstream = await udpUpstream(t, (bytes, reply) => {
      const additionals = edns === undefined ? [] : [opt(1232)]
      reply(replyTo(bytes, { answers: manyA('www.example.com', records), additionals }))
    })
    const forward = forwarder(t, { resolvers: [upstream.name], ednsBufferSize: ours })
    const reply = await forward.forward(query(edns === undefined ? {} : { edns }), UDP)
    assert.equal(summary(reply), head)
  })
}

test('an OPT of the upstream is for clients with EDNS only', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) =>
    reply(replyTo(bytes, { answers: [a('www.example.com')], additionals: [opt(1400, true)] })),
  )
  const forward = forwarder(t, { resolvers: [upstream.name] })
  assert.equal(summary(await forward.forward(query(), UDP)), 'NOERROR [qr rd ra] 1/1/0/0')
  const withEdns = await forward.forward(query({ edns: { size: 1232 } }), UDP)
  assert.equal(optIn(withEdns)?.udpPayloadSize, 1400)
  assert.equal(optIn(withEdns)?.flag_do, true)
})

test('an upstream without EDNS is passed on without', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(
    query({ edns: { size: 1232 } }),
    UDP,
  )
  assert.equal(summary(reply), 'NOERROR [qr rd ra] 1/0/0/0')
})

test('setTruncateBit=false clears TC', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) =>
    reply(replyTo(bytes, { answers: manyA('www.example.com', 60), flags: 0x0200 })),
  )
  const forward = forwarder(t, { resolvers: [upstream.name], setTruncateBit: false })
  assert.equal(summary(await forward.forward(query(), UDP)), 'NOERROR [qr rd ra] 1/15/0/0')
})

test('an upstream over IPv6', async (t) => {
  const loopback = Object.values(networkInterfaces()).flat()
  if (!loopback.some((each) => each?.address === '::1')) {
    t.skip('this machine has no ::1')
    return
  }
  const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)), '::1')
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), UDP)
  assert.equal(summary(reply), 'NOERROR [qr rd ra] 1/0/0/0')
})

test('many at once each get their own answer', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => {
    const host = Number(/^n(\d+)/.exec(read(bytes).questions?.[0]?.name ?? '')?.[1])
    reply(replyTo(bytes, { answers: [a('x', `10.0.0.${host}`)] }))
  })
  const forward = forwarder(t, { resolvers: [upstream.name] })
  const hosts = Array.from({ length: 100 }, (_, i) => i)
  const all = await Promise.all(
    hosts.map((i) => forward.forward(query({ name: `n${i}.example.com`, id: i }), UDP)),
  )
  all.forEach((reply, i) => {
    assert.equal(Buffer.from(reply).readUInt16BE(0), i)
    assert.deepEqual(addresses(reply), [`10.0.0.${i}`])
  })
})

function patched(bytes: Buffer, patch: (bytes: Buffer) => unknown): Buffer {
  const copy = Buffer.from(bytes)
  patch(copy)
  return copy
}
