import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type ForwardClient,
  type ForwardConfig,
  isSameForwarding,
} from '../../src/forward/index.ts'
import { defaultConfig } from '../config.ts'
import { eventually } from '../eventually.ts'
import { recordingLog } from '../recording-log.ts'
import { deadUpstream, framed, tcpUpstream, udpUpstream } from './hostile-upstream.ts'
import { edeIn, query, replyTo, summary } from './messages.ts'
import { forwarder, TCP, UDP } from './setup.ts'

const EDNS = { edns: { size: 1232 } }
const STRANGER: ForwardClient = { transport: 'udp', address: '203.0.113.9' }

const refusals: [
  what: string,
  config: Partial<ForwardConfig>,
  client: ForwardClient,
  spec: object,
  head: string,
  ede: number,
][] = [
  ['a client outside allowRecursion', {}, STRANGER, {}, 'REFUSED [qr rd] 1/0/0/1', 18],
  [
    'such a client over TCP',
    {},
    { ...STRANGER, transport: 'tcp' },
    {},
    'REFUSED [qr rd] 1/0/0/1',
    18,
  ],
  [
    'such a client over IPv6',
    {},
    { transport: 'udp', address: '2001:db8::1' },
    {},
    'REFUSED [qr rd] 1/0/0/1',
    18,
  ],
  ['externalOn=false', { externalOn: false }, UDP, {}, 'REFUSED [qr rd] 1/0/0/1', 20],
  [
    'externalOn=false and an outsider',
    { externalOn: false },
    STRANGER,
    {},
    'REFUSED [qr rd] 1/0/0/1',
    18,
  ],
  ['no resolvers anywhere', { resolvers: [] }, UDP, {}, 'REFUSED [qr rd] 1/0/0/1', 20],
  ['a name of our own', {}, UDP, { name: 'leader.mesos' }, 'REFUSED [qr rd] 1/0/0/1', 20],
  ['a zone transfer', {}, TCP, { type: 'AXFR' }, 'REFUSED [qr rd ra] 1/0/0/1', 21],
  ['an incremental one', {}, UDP, { type: 'IXFR' }, 'REFUSED [qr rd ra] 1/0/0/1', 21],
]
for (const [what, config, client, spec, head, ede] of refusals) {
  test(`${what} is refused and nobody is asked`, async (t) => {
    const udp = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
    const tcp = await tcpUpstream(t, () => {})
    const forward = forwarder(t, { resolvers: [udp.name, tcp.name], ...config })
    const reply = await forward.forward(query({ ...spec, ...EDNS }), client)
    assert.equal(summary(reply), head)
    assert.equal(edeIn(reply), ede)
    assert.equal(udp.received.length + tcp.received.length, 0)
    assert.equal(summary(await forward.forward(query(spec), client)).endsWith('1/0/0/0'), true)
  })
}

test('with externalOn=false the resolvers are not even read', (t) => {
  assert.doesNotThrow(() => forwarder(t, { externalOn: false, resolvers: ['dns.example'] }))
})

for (const resolver of ['x', '192.0.2.1', '192.0.2.1:0', '192.0.2.1:99999', '']) {
  test(`"${resolver}" is no upstream`, (t) => {
    assert.throws(() => forwarder(t, { resolvers: [resolver] }), {
      code: 'MESOS_NS_CONFIG',
      message: `resolver "${resolver}" is not ip:port; write it like 192.0.2.1:53`,
    })
  })
}

test('what is no query of one question is a format error', async (t) => {
  const forward = forwarder(t, { resolvers: [await deadUpstream()] })
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(5), query().subarray(0, 20)]) {
    assert.equal(Buffer.from(await forward.forward(bytes, UDP)).readUInt16BE(2) & 0x800f, 0x8001)
  }
})

test('property: whatever is forwarded, the outcome is a reply', async (t) => {
  const forward = forwarder(t, { resolvers: [await deadUpstream()] })
  const octets = fc.uint8Array({ maxLength: 80 })
  await fc.assert(
    fc.asyncProperty(octets, fc.nat(40), async (noise, at) => {
      const bytes = Buffer.concat([query().subarray(0, at), noise])
      const reply = Buffer.from(await forward.forward(bytes, UDP))
      assert.ok(reply.length >= 12)
      assert.equal(reply.readUInt16BE(2) & 0x8000, 0x8000)
      assert.equal(reply.readUInt16BE(0), Buffer.concat([bytes, Buffer.alloc(2)]).readUInt16BE(0))
    }),
    { numRuns: 200 },
  )
})

test('property: whatever the upstream sends, the outcome is a reply that can be read', async (t) => {
  let damage: [number, number][] = []
  const upstream = await udpUpstream(t, (bytes, reply) => {
    const spoilt = replyTo(bytes, {
      answers: [{ type: 'CNAME', name: 'www.example.com', ttl: 1, data: 'x.example.com' }],
    })
    // Behind the question, so that it is taken for a reply.
    for (const [at, octet] of damage) {
      if (at < 6) spoilt[6 + at] = octet
      else spoilt[33 + ((at - 6) % (spoilt.length - 33))] = octet
    }
    reply(spoilt)
  })
  const forward = forwarder(t, { resolvers: [upstream.name] })
  const changes = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      damage = list
      const reply = await forward.forward(query(), UDP)
      assert.ok(reply.length >= 33)
      assert.deepEqual(Buffer.from(reply).subarray(12, 33), query().subarray(12))
    }),
    { numRuns: 200 },
  )
})

test('past the limit of outstanding queries: SERVFAIL at once', async (t) => {
  const answers: (() => void)[] = []
  const upstream = await udpUpstream(t, (bytes, reply) => answers.push(() => reply(replyTo(bytes))))
  const forward = forwarder(t, { resolvers: [upstream.name] }, { maxOutstanding: 2 })
  const waiting = [forward.forward(query(), UDP), forward.forward(query(), UDP)]
  const third = await forward.forward(query(EDNS), UDP)
  assert.equal(summary(third), 'SERVFAIL [qr rd ra] 1/0/0/1')
  assert.equal(edeIn(third), 0)
  while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
  for (const send of answers) send()
  for (const reply of await Promise.all(waiting))
    assert.equal(summary(reply), 'NOERROR [qr rd ra] 1/0/0/0')
  const fourth = forward.forward(query(), UDP)
  while (answers.length < 3) await new Promise((resolve) => setTimeout(resolve, 1))
  answers[2]?.()
  assert.equal(summary(await fourth), 'NOERROR [qr rd ra] 1/0/0/0')
})

for (const client of [UDP, TCP]) {
  test(`close settles what waits over ${client.transport}, without asking the next`, async (t) => {
    const silentUdp = await udpUpstream(t, () => {})
    const silentTcp = await tcpUpstream(t, () => {})
    const silent = client === UDP ? silentUdp : silentTcp
    const { log, lines } = recordingLog()
    const forward = forwarder(t, { resolvers: [silent.name, silent.name] }, { log })
    const waiting = Array.from({ length: 20 }, () => forward.forward(query(EDNS), client))
    while (silent.received.length < 20) await new Promise((resolve) => setTimeout(resolve, 1))
    await forward.close()
    for (const reply of await Promise.all(waiting)) {
      assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/1')
      assert.equal(edeIn(reply), 14)
    }
    assert.equal(silent.received.length, 20)
    assert.deepEqual(lines, [])
  })
}

test('close before anything is on its way, and twice', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
  const forward = forwarder(t, { resolvers: [upstream.name] })
  const waiting = forward.forward(query(EDNS), UDP)
  await Promise.all([forward.close(), forward.close()])
  assert.equal(edeIn(await waiting), 14)
  assert.equal(edeIn(await forward.forward(query(EDNS), UDP)), 14)
})

for (const [name, client, open] of [
  ['UDP', UDP, udpUpstream],
  ['TCP', TCP, tcpUpstream],
] as const) {
  test(`${name}: finish waits for upstreams, then closes`, async (t) => {
    const waiting: (() => void)[] = []
    const late =
      open === udpUpstream
        ? await udpUpstream(t, (bytes, reply) => {
            waiting.push(() => reply(replyTo(bytes)))
          })
        : await tcpUpstream(t, (bytes, socket) => {
            waiting.push(() => socket.write(framed(replyTo(bytes))))
          })
    const forward = forwarder(t, { resolvers: [late.name] })
    const asked = [forward.forward(query(EDNS), client), forward.forward(query(EDNS), client)]
    await eventually('both wait', () => waiting.length === 2)
    let finished = false
    const finish = forward.finish().then(() => {
      finished = true
    })
    waiting[0]?.()
    assert.equal(summary(await Promise.race(asked)), 'NOERROR [qr rd ra] 1/0/0/0')
    // One that comes in the meantime is waited for, too.
    asked.push(forward.forward(query(EDNS), client))
    await eventually('it waits', () => waiting.length === 3)
    waiting[1]?.()
    await Promise.all(asked.slice(0, 2))
    assert.equal(finished, false)
    waiting[2]?.()
    await finish
    for (const reply of await Promise.all(asked)) {
      assert.equal(summary(reply), 'NOERROR [qr rd ra] 1/0/0/0')
    }
    assert.equal(edeIn(await forward.forward(query(EDNS), client)), 14)
  })
}

test('close ends a wait, and what has nothing to wait for finishes at once', async (t) => {
  const silent = await udpUpstream(t, () => {})
  const forward = forwarder(t, { resolvers: [silent.name] })
  const asked = forward.forward(query(EDNS), UDP)
  const finish = forward.finish()
  await forward.close()
  await finish
  assert.equal(edeIn(await asked), 14)
  await forward.finish()
  await forwarder(t, { resolvers: [silent.name] }).finish()
})

test('forwarding is the same unless a setting that it reads is another', () => {
  const config = { ...defaultConfig(), zoneResolvers: { a: ['192.0.2.1:53'], b: [] } }
  const same = (change: Partial<typeof config>) =>
    isSameForwarding(config, { ...config, ...change })
  assert.ok(same({}))
  assert.ok(same({ zoneResolvers: { b: [], a: ['192.0.2.1:53'] }, ttl: 1, nsid: 'x' }))
  const changes: Required<{ [K in keyof ForwardConfig]: ForwardConfig[K] }> = {
    domain: 'dc1',
    externalOn: false,
    resolvers: [...config.resolvers, '192.0.2.2:53'],
    zoneResolvers: { a: ['192.0.2.1:53'] },
    timeout: 9,
    setTruncateBit: false,
    allowRecursion: [...config.allowRecursion].reverse(),
    ednsBufferSize: 512,
  }
  for (const [key, value] of Object.entries(changes)) assert.ok(!same({ [key]: value }), key)
})

test('empty resolvers are those of resolv.conf, without ourselves', async (t) => {
  const { log, lines } = recordingLog()
  let reads = 0
  const forward = forwarder(
    t,
    { allowRecursion: ['127.0.0.0/8'] },
    {
      log,
      readResolvConf: () => {
        reads++
        return 'nameserver 127.0.0.1\nnameserver 255.255.255.255\n'
      },
      ownAddresses: () => ['127.0.0.1'],
    },
  )
  assert.equal(reads, 0)
  const reply = await forward.forward(query(EDNS), UDP)
  assert.equal(reads, 1)
  // The one that is left cannot be reached: had it been ourselves, something would have answered.
  assert.equal(edeIn(reply), 23)
  assert.deepEqual(lines[0]?.fields, { resolvers: ['255.255.255.255:53'] })
  assert.equal(lines[1]?.fields['upstream'], '255.255.255.255:53')
})

test('resolv.conf is not read where resolvers are listed', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => reply(replyTo(bytes)))
  const forward = forwarder(
    t,
    { resolvers: [upstream.name] },
    {
      readResolvConf: () => {
        throw new Error('must not be read')
      },
    },
  )
  assert.equal(summary(await forward.forward(query(), UDP)), 'NOERROR [qr rd ra] 1/0/0/0')
})
