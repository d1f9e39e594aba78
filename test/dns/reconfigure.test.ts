// A server whose configuration changes while it answers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, describe, test } from 'node:test'
import type { Config } from '../../src/config/schema.ts'
import type { Reconfiguration } from '../../src/dns/index.ts'
import { createForwarder } from '../../src/forward/index.ts'
import { FRESHNESS, Freshness } from '../../src/freshness.ts'
import { silentLogger } from '../../src/log.ts'
import { OPTION, RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { eventually } from '../eventually.ts'
import { deadUpstream, udpUpstream } from '../forward/hostile-upstream.ts'
import { decode, presentation, recordSet } from '../presentation.ts'
import { extendedErrors, opt } from './opt.ts'
import { header, type Question, SERIAL, u16 } from './question.ts'
import {
  askUdp,
  closeAll,
  HeldForwarder,
  ids,
  MODES,
  type Served,
  serve,
  servfail,
  TcpClient,
} from './served.ts'

afterEach(closeAll)

const SECRETS = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)] as const

/** Changes these settings, and keeps what is not said to be another. */
function change(
  served: Served,
  settings: Partial<Config>,
  rest: Partial<Omit<Reconfiguration, 'config'>> = {},
): void {
  const config = { ...served.config, ...settings }
  const { forwarder } = served
  served.server.reconfigure({ config, cookieSecret: SECRETS[0], forwarder, ...rest })
}

async function overUdp({ port }: Served, question: Question): Promise<Buffer> {
  const [reply] = await askUdp(port, [question])
  return reply as Buffer
}

async function overTcp({ port }: Served, question: Question): Promise<Buffer> {
  const client = new TcpClient(port)
  client.send(question)
  const [reply] = await client.waitFor(1)
  client.socket.destroy()
  return reply as Buffer
}

const option = (code: number, octets: Uint8Array = Buffer.alloc(0)) => ({ code, octets })
const optionsOf = (reply: Buffer, wanted: number) =>
  opt(reply)
    .options.filter(({ code }) => code === wanted)
    .map(({ octets }) => Buffer.from(octets).toString('latin1'))
const answersOf = (reply: Buffer) => presentation(decode(reply).answers)
const nearTenOneOne = option(OPTION.CLIENT_SUBNET, Buffer.of(0, 1, 24, 0, 10, 1, 1))

/** What changes answers: what is looked at, and what it is before and after. */
const SETTINGS: readonly (readonly [
  what: string,
  before: Partial<Config>,
  after: Partial<Config>,
  question: Question,
  look: (reply: Buffer) => unknown,
  seenBefore: unknown,
  seenAfter: unknown,
])[] = [
  ['RecurseOn', { recurseOn: true }, { recurseOn: false }, {}, (r) => header(r).ra, true, false],
  [
    'maxAnswers',
    { maxAnswers: 7 },
    { maxAnswers: 3 },
    { name: 'many.mesos.' },
    (r) => header(r).counts[1],
    7,
    3,
  ],
  [
    'ednsBufferSize, larger',
    { ednsBufferSize: 512 },
    { ednsBufferSize: 4096 },
    { edns: {} },
    (r) => opt(r).payload,
    512,
    4096,
  ],
  [
    'ednsBufferSize, smaller',
    { ednsBufferSize: 4096 },
    { ednsBufferSize: 512 },
    { edns: {} },
    (r) => opt(r).payload,
    4096,
    512,
  ],
  [
    'ordering',
    { ordering: 'fixed', maxAnswers: 1 },
    { ordering: 'fixed', maxAnswers: 2 },
    { name: 'many.mesos.' },
    (r) => answersOf(r),
    ['many.mesos. 60 A 10.1.0.0'],
    ['many.mesos. 60 A 10.1.0.0', 'many.mesos. 60 A 10.1.0.1'],
  ],
  [
    'ResolvSubnetFirst',
    { ordering: 'fixed', resolvSubnetFirst: false },
    { ordering: 'fixed', resolvSubnetFirst: true },
    { name: 'many.mesos.', edns: { payload: 512, options: [nearTenOneOne] } },
    (r) => optionsOf(r, OPTION.CLIENT_SUBNET).length,
    0,
    1,
  ],
  [
    'nsid',
    { nsid: 'one' },
    { nsid: 'two' },
    { edns: { options: [option(OPTION.NSID)] } },
    (r) => optionsOf(r, OPTION.NSID),
    ['one'],
    ['two'],
  ],
  [
    'nsid, off',
    { nsid: 'one' },
    { nsid: '' },
    { edns: { options: [option(OPTION.NSID)] } },
    (r) => optionsOf(r, OPTION.NSID),
    ['one'],
    [],
  ],
  [
    'chaosOn',
    { chaosOn: false, nsid: 'me' },
    { chaosOn: true, nsid: 'me' },
    { name: 'id.server.', type: TYPE.TXT, qclass: 3 },
    (r) => header(r).rcode,
    RCODE.REFUSED,
    RCODE.NOERROR,
  ],
  [
    'cookies',
    { cookies: false },
    { cookies: true },
    { edns: { options: [option(OPTION.COOKIE, Buffer.alloc(8))] } },
    (r) => optionsOf(r, OPTION.COOKIE).length,
    0,
    1,
  ],
  [
    'compat',
    {},
    { compat: { srvMissNoError: true, soaMinimumFromTtl: false } },
    { name: '_nope._tcp.mesos.', type: TYPE.SRV },
    (r) => header(r).rcode,
    RCODE.NXDOMAIN,
    RCODE.NOERROR,
  ],
]

for (const mode of MODES) {
  describe(`reconfiguration, ${mode.name}`, { skip: mode.skip }, () => {
    for (const [what, before, after, question, look, seenBefore, seenAfter] of SETTINGS) {
      test(`${what}, and back`, async () => {
        const served = await serve(mode, before)
        const seen = async () => [
          look(await overUdp(served, question)),
          look(await overTcp(served, question)),
        ]
        assert.deepEqual(await seen(), [seenBefore, seenBefore])
        change(served, after)
        assert.deepEqual(await seen(), [seenAfter, seenAfter])
        change(served, before)
        assert.deepEqual(await seen(), [seenBefore, seenBefore])
      })
    }

    test('ednsBufferSize lets larger answers through, whole', async () => {
      const served = await serve(mode, { ednsBufferSize: 512, maxAnswers: 200 })
      const question = { name: 'many.mesos.', edns: { payload: 4096 } }
      assert.equal(header(await overUdp(served, question)).tc, true)
      change(served, { ednsBufferSize: 4096, maxAnswers: 200 })
      const { tc, counts } = header(await overUdp(served, question))
      assert.deepEqual([tc, counts[1]], [false, 200])
    })

    test('SetTruncateBit', async () => {
      const served = await serve(mode, { setTruncateBit: true })
      const isCut = async () => header(await overUdp(served, { name: 'many.mesos.' })).tc
      assert.equal(await isCut(), true)
      change(served, { setTruncateBit: false })
      assert.equal(await isCut(), false)
      change(served, { setTruncateBit: true })
      assert.equal(await isCut(), true)
    })

    test('ordering: in turn, from the next query on', async () => {
      const served = await serve(mode, { ordering: 'fixed', maxAnswers: 1 })
      const first = async () => answersOf(await overUdp(served, { name: 'many.mesos.' }))[0]
      const many = async () => new Set([await first(), await first(), await first()]).size
      assert.equal(await many(), 1)
      change(served, { ordering: 'roundrobin', maxAnswers: 1 })
      assert.equal(await many(), 3)
    })

    test('ResolvSubnetFirst puts near addresses first', async () => {
      const served = await serve(mode, { ordering: 'fixed' })
      const question = { name: 'many.mesos.', edns: { options: [nearTenOneOne] } }
      assert.equal(answersOf(await overTcp(served, question))[0], 'many.mesos. 60 A 10.1.0.0')
      change(served, { ordering: 'fixed', resolvSubnetFirst: true })
      assert.equal(answersOf(await overTcp(served, question))[0], 'many.mesos. 60 A 10.1.1.0')
    })

    test('cookieSecret: cookies made from another are replaced, those from the same kept', async () => {
      const cookieSecret = SECRETS[0].toString('hex')
      const served = await serve(mode, { cookieSecret })
      const asked = async (octets: Uint8Array) => {
        const reply = await overUdp(served, { edns: { options: [option(OPTION.COOKIE, octets)] } })
        return Buffer.from(optionsOf(reply, OPTION.COOKIE)[0] ?? '', 'latin1')
      }
      const first = await asked(Buffer.alloc(8, 7))
      assert.equal(first.length, 24)
      change(served, { cookieSecret, nsid: 'other' })
      assert.deepEqual(await asked(first), first)
      change(served, {}, { cookieSecret: SECRETS[1] })
      const second = await asked(first)
      assert.notDeepEqual(second.subarray(8), first.subarray(8))
      assert.deepEqual(await asked(second), second)
    })

    test('domain and zone change together, in the middle of queries', async () => {
      const served = await serve(mode)
      const client = new TcpClient(served.port)
      const pair = (id: number) => [
        { id, name: 'leader.mesos.' },
        { id: id + 1, name: 'leader.dc1.' },
      ]
      client.send(...pair(0))
      await client.waitFor(1)
      const config = { ...served.config, domain: 'dc1', ttl: 5 }
      const zone = zoneOf(recordSet(['leader.dc1. - A 10.9.9.9']), config, SERIAL)
      const replacement = new HeldForwarder()
      change(served, { domain: 'dc1', ttl: 5 }, { zone, forwarder: replacement })
      client.send(...pair(2))
      const replies = await client.waitFor(2)
      assert.deepEqual(
        replies.map((reply) => [header(reply).id, ...answersOf(reply)]),
        [
          [0, 'leader.mesos. 60 A 10.0.0.1'],
          [3, 'leader.dc1. 5 A 10.9.9.9'],
        ],
      )
      assert.deepEqual(answersOf(await overUdp(served, { name: 'leader.dc1.' })), [
        'leader.dc1. 5 A 10.9.9.9',
      ])
      // Each of the names that were not ours has gone to the forwarder of its time.
      const asked = (held: HeldForwarder) => held.asked.map(({ query }) => query.readUInt16BE(0))
      assert.deepEqual([asked(served.forwarder), asked(replacement)], [[1], [2]])
      for (const { query, answer } of [...served.forwarder.asked, ...replacement.asked]) {
        answer(servfail(query))
      }
      assert.deepEqual(ids(await client.waitFor(4)).sort(), [0, 1, 2, 3])
    })

    test('another domain without its zone is SERVFAIL until there is one', async () => {
      const served = await serve(mode)
      change(served, { domain: 'dc1' })
      const question = { name: 'leader.dc1.', edns: {} }
      const refused = await overUdp(served, question)
      assert.deepEqual([header(refused).rcode, ...extendedErrors(refused)], [2, '14'])
      const config = { ...served.config, domain: 'dc1' }
      served.server.publish(zoneOf(recordSet(['leader.dc1. - A 10.9.9.9']), config, SERIAL))
      assert.deepEqual(answersOf(await overUdp(served, question)), ['leader.dc1. 60 A 10.9.9.9'])
    })

    test('a zone that is not that of the domain changes nothing', async () => {
      const served = await serve(mode)
      const zone = zoneOf(recordSet([]), { ...served.config, domain: 'dc1' }, SERIAL)
      const forwarder = new HeldForwarder()
      assert.throws(() => change(served, { recurseOn: false }, { zone, forwarder }), RangeError)
      const reply = await overUdp(served, {})
      assert.deepEqual(
        [header(reply).ra, ...answersOf(reply)],
        [true, 'leader.mesos. 60 A 10.0.0.1'],
      )
      assert.equal(served.forwarder.isClosed, false)
    })

    test('freshness holds across it', async () => {
      const freshness = new Freshness()
      const served = await serve(mode, {}, { freshness })
      freshness.level = FRESHNESS.STALE
      for (const ask of [overUdp, overTcp]) {
        assert.deepEqual(extendedErrors(await ask(served, { edns: {} })), ['3'])
        assert.deepEqual(extendedErrors(await ask(served, { name: 'no.mesos.', edns: {} })), ['19'])
      }
      change(served, { recurseOn: false })
      freshness.level = FRESHNESS.EXPIRED
      for (const ask of [overUdp, overTcp]) {
        const reply = await ask(served, { edns: {} })
        assert.deepEqual(extendedErrors(reply), ['22 no word from a leading master'])
      }
      freshness.level = FRESHNESS.FRESH
      assert.deepEqual(extendedErrors(await overUdp(served, { edns: {} })), [])
    })

    test('many queries while it changes again and again: each is answered, by one or the other', async () => {
      const served = await serve(mode, { maxAnswers: 1, ordering: 'fixed' })
      const changes = setInterval(() => {
        const maxAnswers = 1 + (Math.floor(performance.now()) % 2)
        change(served, { maxAnswers, ordering: 'fixed', recurseOn: maxAnswers === 1 })
      }, 1)
      try {
        const client = new TcpClient(served.port)
        for (let round = 0; round < 20; round++) {
          const questions = Array.from({ length: 50 }, (_, id) => ({ id, name: 'many.mesos.' }))
          client.send(...questions)
          const replies = await askUdp(served.port, questions)
          for (const reply of [...replies, ...client.replies]) {
            // Never the number of answers of one configuration and the RA bit of the other.
            assert.equal(header(reply).counts[1], header(reply).ra ? 1 : 2)
          }
          await client.waitFor(50 * (round + 1))
        }
      } finally {
        clearInterval(changes)
      }
    })
  })

  describe(`forwarding, reconfigured, ${mode.name}`, { skip: mode.skip }, () => {
    const forwarderOf = (config: Config) =>
      createForwarder({ config, log: silentLogger, readResolvConf: () => '' })

    /** Changes settings of forwarding, for which there is another forwarder. */
    function changeForwarding(served: Served, settings: Partial<Config>): void {
      const config = { ...served.config, ...settings }
      change(served, settings, { forwarder: forwarderOf(config) })
    }

    const foreign = { name: 'www.example.', edns: {} }

    test('externalOn, resolvers, zoneResolvers, timeout and allowRecursion', async (t) => {
      const answering = (rcode: number) => (query: Buffer, reply: (message: Buffer) => void) => {
        const message = Buffer.from(query)
        message[2] = 0x81
        message[3] = 0x80 | rcode
        reply(message)
      }
      const one = await udpUpstream(t, answering(RCODE.NXDOMAIN))
      const two = await udpUpstream(t, answering(RCODE.REFUSED))
      const silent = await udpUpstream(t, () => {})
      const served = await serve(mode)
      const steps: readonly (readonly [Partial<Config>, number, string[]])[] = [
        [{ resolvers: [one.name] }, RCODE.NXDOMAIN, []],
        [{ resolvers: [two.name] }, RCODE.REFUSED, []],
        [{ resolvers: [two.name], zoneResolvers: { example: [one.name] } }, RCODE.NXDOMAIN, []],
        [
          { resolvers: [one.name], externalOn: false },
          RCODE.REFUSED,
          ['20 other names are not looked up here'],
        ],
        [
          { resolvers: [one.name], allowRecursion: ['10.0.0.0/8'] },
          RCODE.REFUSED,
          ['18 client is not in allowRecursion'],
        ],
        [{ resolvers: [one.name], allowRecursion: ['127.0.0.0/8'] }, RCODE.NXDOMAIN, []],
        [
          { resolvers: [silent.name], timeout: 0.1 },
          RCODE.SERVFAIL,
          ['22 no upstream answered in time'],
        ],
      ]
      for (const [settings, rcode, errors] of steps) {
        changeForwarding(served, settings)
        const reply = await overUdp(served, foreign)
        assert.deepEqual([header(reply).rcode, extendedErrors(reply)], [rcode, errors])
      }
    })

    test('queries in flight end with the forwarder before, however late', async (t) => {
      const waiting: (() => void)[] = []
      const late = await udpUpstream(t, (query, reply) => {
        const message = Buffer.from(query)
        message[2] = 0x81
        message[3] = 0x80 | RCODE.NXDOMAIN
        waiting.push(() => reply(message))
      })
      const served = await serve(mode)
      changeForwarding(served, { resolvers: [late.name] })
      const client = new TcpClient(served.port)
      await once(client.socket, 'connect')
      const asked = askUdp(served.port, [
        { id: 1, ...foreign },
        { id: 2, ...foreign },
      ])
      await eventually('both have been forwarded', () => waiting.length === 2)
      changeForwarding(served, { resolvers: [await deadUpstream()] })
      // New ones go to the new upstream, where nobody is.
      assert.equal(header(await overUdp(served, foreign)).rcode, RCODE.SERVFAIL)
      for (const answer of waiting) answer()
      const replies = await asked
      assert.deepEqual(ids(replies).sort(), [1, 2])
      assert.deepEqual(
        replies.map((reply) => header(reply).rcode),
        [RCODE.NXDOMAIN, RCODE.NXDOMAIN],
      )
    })

    test('the forwarder before is closed when its last query is answered', async () => {
      const served = await serve(mode)
      const asked = askUdp(served.port, [{ id: 1, ...foreign }])
      await served.forwarder.waitFor(1)
      const second = new HeldForwarder()
      change(served, {}, { forwarder: second })
      const askedNext = askUdp(served.port, [{ id: 2, ...foreign }])
      await second.waitFor(1)
      assert.equal(served.forwarder.isClosed, false)
      served.forwarder.asked[0]?.answer(servfail(served.forwarder.asked[0].query))
      assert.deepEqual(ids(await asked), [1])
      await eventually('it is closed', () => served.forwarder.isClosed)
      assert.equal(second.isClosed, false)
      second.asked[0]?.answer(servfail(second.asked[0].query))
      assert.deepEqual(ids(await askedNext), [2])
    })

    test('the same forwarder stays open', async () => {
      const served = await serve(mode)
      change(served, { recurseOn: false })
      const asked = askUdp(served.port, [{ id: 1, ...foreign }])
      await served.forwarder.waitFor(1)
      assert.equal(served.forwarder.isClosed, false)
      served.forwarder.asked[0]?.answer(servfail(served.forwarder.asked[0].query))
      await asked
    })

    test('the end waits for both, and closes both', async () => {
      const served = await serve(mode)
      const second = new HeldForwarder()
      const asked = askUdp(served.port, [{ id: 1, ...foreign }])
      await served.forwarder.waitFor(1)
      change(served, {}, { forwarder: second })
      const client = new TcpClient(served.port)
      client.send({ id: 2, ...foreign })
      await second.waitFor(1)
      await served.server.close()
      assert.deepEqual([served.forwarder.isClosed, second.isClosed], [true, true])
      assert.deepEqual(ids(await asked), [1])
      assert.deepEqual(ids(await client.waitFor(1)), [2])
    })

    test('with time to spare, upstreams may still answer', async () => {
      const served = await serve(mode)
      const second = new HeldForwarder()
      const asked = askUdp(served.port, [{ id: 1, ...foreign }])
      await served.forwarder.waitFor(1)
      change(served, {}, { forwarder: second })
      const client = new TcpClient(served.port)
      client.send({ id: 2, ...foreign }, { id: 3 })
      await second.waitFor(1)
      const closed = served.server.close({ graceMs: 60_000 })
      for (const { asked: held } of [served.forwarder, second]) {
        for (const { query, answer } of held) {
          const reply = servfail(query)
          reply[3] = 0x80 | RCODE.NXDOMAIN
          answer(reply)
        }
      }
      await closed
      const replies = [...(await asked), ...(await client.waitFor(2))]
      assert.deepEqual(replies.map((reply) => [header(reply).id, header(reply).rcode]).sort(), [
        [1, RCODE.NXDOMAIN],
        [2, RCODE.NXDOMAIN],
        [3, RCODE.NOERROR],
      ])
    })

    test('after the end a forwarder is only closed', async () => {
      const served = await serve(mode)
      await served.server.close()
      const late = new HeldForwarder()
      change(served, {}, { forwarder: late })
      assert.equal(late.isClosed, true)
    })
  })
}

// TCP is the same in batch mode and in dgram mode.
for (const mode of MODES.filter(({ name }) => name !== 'dgram')) {
  describe(`connections, reconfigured, ${mode.name}`, { skip: mode.skip }, () => {
    test('stay, with what they have asked, and go on', async () => {
      const served = await serve(mode, { recurseOn: true })
      const client = new TcpClient(served.port)
      client.send({ id: 1 }, { id: 2, name: 'slow.example.' }, { id: 3 })
      await served.forwarder.waitFor(1)
      await client.waitFor(2)
      // A message that is cut in the middle by the change.
      const [half, rest] = [Buffer.of(0, 30), Buffer.alloc(30)]
      rest.set([0, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6, ...Buffer.from('leader')])
      rest.set([5, ...Buffer.from('mesos'), 0], 19)
      rest.set([0, 1, 0, 1], 26)
      client.socket.write(Buffer.concat([half, rest.subarray(0, 9)]))
      change(served, { recurseOn: false }, { forwarder: new HeldForwarder() })
      client.socket.write(rest.subarray(9))
      client.send({ id: 5 })
      await client.waitFor(4)
      served.forwarder.asked[0]?.answer(servfail(served.forwarder.asked[0].query))
      const replies = await client.waitFor(5)
      assert.deepEqual(ids(replies), [1, 3, 4, 5, 2])
      assert.deepEqual(
        replies.map((reply) => header(reply).ra),
        [true, true, false, false, true],
      )
      assert.equal(client.socket.destroyed, false)
    })

    test('tcpIdleTimeout: shorter ends those that are idle, and is told', async () => {
      const served = await serve(mode, { tcpIdleTimeout: 600 })
      const idle = new TcpClient(served.port)
      idle.send({ id: 1 })
      await idle.waitFor(1)
      change(served, { tcpIdleTimeout: 0.5 })
      await idle.closed()
      const edns = { options: [option(OPTION.TCP_KEEPALIVE)] }
      assert.deepEqual(optionsOf(await overTcp(served, { edns }), OPTION.TCP_KEEPALIVE), [
        u16(5).toString('latin1'),
      ])
    })

    test('tcpIdleTimeout: longer keeps them', async () => {
      const served = await serve(mode, { tcpIdleTimeout: 1 })
      const kept = new TcpClient(served.port)
      kept.send({ id: 1 })
      await kept.waitFor(1)
      change(served, { tcpIdleTimeout: 600 })
      // One that has the timeout of before is closed in the meantime.
      const other = await serve(mode, { tcpIdleTimeout: 1 })
      const ended = new TcpClient(other.port)
      ended.send({ id: 2 })
      await ended.closed()
      kept.send({ id: 3 })
      assert.deepEqual(ids(await kept.waitFor(2)), [1, 3])
    })

    test('a connection that waits for an upstream is not idle under the new timeout either', async () => {
      const served = await serve(mode, { tcpIdleTimeout: 600 })
      const client = new TcpClient(served.port)
      client.send({ id: 1, name: 'slow.example.' })
      await served.forwarder.waitFor(1)
      change(served, { tcpIdleTimeout: 0.1 })
      const idle = new TcpClient(served.port)
      await idle.closed()
      served.forwarder.asked[0]?.answer(servfail(served.forwarder.asked[0].query))
      assert.deepEqual(ids(await client.waitFor(1)), [1])
    })

    for (const [what, most] of [
      ['tcpMaxConnections', (count: number) => ({ tcpMaxConnections: count })],
      ['tcpMaxConnectionsPerClient', (count: number) => ({ tcpMaxConnectionsPerClient: count })],
    ] as const) {
      test(`${what}: fewer leave those there are, more let new ones in`, async () => {
        const served = await serve(mode, most(3))
        const kept = [1, 2, 3].map(() => new TcpClient(served.port))
        for (const client of kept) {
          client.send({ id: 1 })
          await client.waitFor(1)
        }
        change(served, most(1))
        const refused = new TcpClient(served.port)
        await refused.closed()
        for (const client of kept) {
          client.send({ id: 2 })
          assert.deepEqual(ids(await client.waitFor(2)), [1, 2])
        }
        change(served, most(4))
        assert.equal(header(await overTcp(served, { id: 9 })).id, 9)
      })
    }
  })
}
