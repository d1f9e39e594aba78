import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import packet, { type Answer, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { createCounters, ThreadCounters } from '../../src/counters/index.ts'
import { joinTarget, targetQuery } from '../../src/dns/foreign-alias.ts'
import { Handler } from '../../src/dns/handler.ts'
import type { ForwardClient, Forwarder } from '../../src/forward/index.ts'
import { scanMessage } from '../../src/forward/message.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { decode, presentation } from '../presentation.ts'
import { answererOf, encode, header, nameOctets, reply } from './question.ts'

const ALIAS = 'db.mesos. 60 CNAME db.example.com.'
const answerer = answererOf(['db.mesos. - CNAME db.example.com.'])

/** Our reply to a client that asked for the alias. */
function own(edns = true): Buffer {
  return reply(answerer, edns ? { name: 'db.mesos.', edns: {} } : { name: 'db.mesos.' })
}

/** An upstream's message, its names compressed. */
function upstream(answers: Answer[], change: Partial<Packet> & { rcode?: number } = {}): Buffer {
  const { rcode = 0, ...rest } = change
  const octets = packet.encode({
    type: 'response',
    id: 0x1234,
    flags: packet.RECURSION_AVAILABLE,
    questions: [{ type: 'A', name: 'db.example.com' }],
    answers,
    ...rest,
  })
  octets[3] = ((octets[3] ?? 0) & 0xf0) | rcode
  return octets
}

const ADDRESSES: Answer[] = [
  { type: 'CNAME', name: 'db.example.com', ttl: 30, data: 'db-1.example.com' },
  { type: 'A', name: 'db-1.example.com', ttl: 20, data: '203.0.113.1' },
  { type: 'A', name: 'db-1.example.com', ttl: 20, data: '203.0.113.2' },
]
const SOA: Answer = {
  type: 'SOA',
  name: 'example.com',
  ttl: 300,
  data: {
    mname: 'ns.example.com',
    rname: 'root.example.com',
    serial: 1,
    refresh: 2,
    retry: 3,
    expire: 4,
    minimum: 5,
  },
}

describe('joining what a CNAME points to', () => {
  test('the upstream’s answers follow the CNAME, names written out', () => {
    const joined = Buffer.from(joinTarget(own(), upstream(ADDRESSES), 1232))
    const message = decode(joined)
    assert.deepEqual(presentation(message.answers), [
      ALIAS,
      'db.example.com. 30 CNAME db-1.example.com.',
      'db-1.example.com. 20 A 203.0.113.1',
      'db-1.example.com. 20 A 203.0.113.2',
    ])
    assert.deepEqual(header(joined).counts, [1, 4, 0, 1])
    assert.deepEqual([header(joined).rcode, header(joined).tc, header(joined).aa], [0, false, true])
    assert.equal(message.questions?.[0]?.name, 'db.mesos')
  })

  test('a client without EDNS gets no OPT', () => {
    assert.deepEqual(
      header(Buffer.from(joinTarget(own(false), upstream(ADDRESSES), 512))).counts,
      [1, 4, 0, 0],
    )
  })

  test('NXDOMAIN and NODATA come with the SOA that says how long', () => {
    for (const rcode of [RCODE.NXDOMAIN, RCODE.NOERROR]) {
      const joined: Buffer = Buffer.from(
        joinTarget(own(), upstream([], { rcode, authorities: [SOA] }), 1232),
      )
      assert.equal(header(joined).rcode, rcode)
      const { answers, authorities } = decode(joined)
      assert.deepEqual(presentation(answers), [ALIAS])
      assert.deepEqual(presentation(authorities), [
        'example.com. 300 SOA ns.example.com. root.example.com. 1 2 3 4 5',
      ])
    }
  })

  test('a failure upstream is SERVFAIL, with the CNAME still to be seen', () => {
    for (const octets of [
      upstream(ADDRESSES, { rcode: RCODE.SERVFAIL }),
      Buffer.from('garbage'),
      upstream(ADDRESSES).subarray(0, 70),
    ]) {
      const joined = Buffer.from(joinTarget(own(), octets, 1232))
      assert.equal(header(joined).rcode, RCODE.SERVFAIL)
      assert.deepEqual(presentation(decode(joined).answers), [ALIAS])
    }
  })

  test('a client that may not have other names looked up gets the CNAME alone', () => {
    assert.deepEqual(joinTarget(own(), upstream([], { rcode: RCODE.REFUSED }), 1232), own())
  })

  test('what does not fit is left out with TC', () => {
    const many: Answer[] = Array.from({ length: 60 }, (_, i) => ({
      type: 'A',
      name: 'db.example.com',
      ttl: 1,
      data: `203.0.113.${i}`,
    }))
    const joined = Buffer.from(joinTarget(own(false), upstream(many), 512))
    assert.ok(joined.length <= 512 && joined.length > 460)
    assert.equal(header(joined).tc, true)
    assert.equal(decode(joined).answers?.length, header(joined).counts[1])
    const silent = Buffer.from(joinTarget(own(false), upstream(many), 512, false))
    assert.equal(header(silent).tc, false)
  })

  test('truncation upstream is truncation for the client', () => {
    const octets = upstream(ADDRESSES, { flags: packet.TRUNCATED_RESPONSE })
    assert.equal(header(Buffer.from(joinTarget(own(), octets, 1232))).tc, true)
  })

  test('names in the rdata of other types are written out too', () => {
    const answers: Answer[] = [
      {
        type: 'MX',
        name: 'db.example.com',
        ttl: 1,
        data: { preference: 10, exchange: 'mx.example.com' },
      },
      {
        type: 'SRV',
        name: 'db.example.com',
        ttl: 1,
        data: { priority: 1, weight: 2, port: 3, target: 's.example.com' },
      },
      { type: 'TXT', name: 'db.example.com', ttl: 1, data: 'text' },
    ]
    const message = decode(joinTarget(own(), upstream(answers), 1232))
    const [, mx, srv, txt] = message.answers ?? []
    assert.deepEqual(mx?.type === 'MX' && mx.data, { preference: 10, exchange: 'mx.example.com' })
    assert.equal(srv?.type === 'SRV' && srv.data.target, 's.example.com')
    assert.equal(txt?.type === 'TXT' && String(txt.data), 'text')
  })

  test('no upstream message makes it throw, loop or exceed the limit', () => {
    const good = upstream(ADDRESSES, { authorities: [SOA] })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(good.length),
        (changes, length) => {
          const octets = Buffer.from(good)
          for (const [at, octet] of changes) octets[at] = octet
          const joined = Buffer.from(joinTarget(own(), octets.subarray(0, length), 512))
          assert.ok(joined.length <= 512)
          assert.equal(header(joined).id, 0x1234)
          assert.equal(scanMessage(joined)?.records.at(-1)?.end, joined.length)
        },
      ),
      { numRuns: 2000, examples: [[[[95, 41]], 217]] },
    )
  })
})

test('the query for the target has the client’s id, flags, type, payload size and DO', () => {
  const client = encode({ id: 0x4242, flags: 0x0110, type: TYPE.AAAA })
  const target = Buffer.from(own()).indexOf(nameOctets('db.example.com.'))
  const asked = { type: TYPE.AAAA, hasEdns: true, udpPayload: 1400, dnssecOk: true }
  const query = Buffer.from(targetQuery(client, own(), target, asked))
  const { id, rd, cd, counts } = header(query)
  assert.deepEqual({ id, rd, cd, counts }, { id: 0x4242, rd: true, cd: true, counts: [1, 0, 0, 1] })
  const { questions, additionals } = decode(query)
  assert.deepEqual(
    questions?.map(({ name, type }) => [name, type]),
    [['db.example.com', 'AAAA']],
  )
  const [opt] = additionals ?? []
  assert.deepEqual(opt?.type === 'OPT' && [opt.udpPayloadSize, opt.flag_do], [1400, true])
  // Where our reply has taken the place of the message, its flags have too.
  const answered = Buffer.from(client)
  answered[2] = (client[2] as number) | 0x84
  answered[3] = (client[3] as number) | 0x80 | RCODE.NXDOMAIN
  assert.deepEqual(Buffer.from(targetQuery(answered, own(), target, asked)), query)
  const plain = Buffer.from(targetQuery(client, own(), target, { ...asked, hasEdns: false }))
  assert.deepEqual(header(plain).counts, [1, 0, 0, 0])
})

describe('a static CNAME out of the domain', () => {
  /** Hands a message to a handler whose upstream answers for the target. */
  async function handled(question: Parameters<typeof encode>[0]) {
    const asked: { query: Buffer; client: ForwardClient }[] = []
    const forwarder: Pick<Forwarder, 'forward'> = {
      async forward(query, client) {
        asked.push({ query: Buffer.from(query), client })
        return upstream(ADDRESSES)
      },
    }
    const made = answererOf(['db.mesos. - CNAME db.example.com.', 'in.mesos. - CNAME db.mesos.'])
    const counters = new ThreadCounters(createCounters())
    const handler = new Handler(made, forwarder, counters, assert.ifError)
    const source = { transport: 'udp', address: '::ffff:10.0.0.9' } as const
    const answer = await handler.handle(encode(question), source)
    return { asked, answers: presentation(decode(answer ?? new Uint8Array()).answers) }
  }

  test('is followed for clients that want recursion', async () => {
    const { asked, answers } = await handled({ name: 'in.mesos.', edns: {} })
    assert.deepEqual(answers.slice(0, 2), ['in.mesos. 60 CNAME db.mesos.', ALIAS])
    assert.equal(answers.length, 5)
    assert.equal(asked.length, 1)
    assert.equal(decode(asked[0]?.query ?? new Uint8Array()).questions?.[0]?.name, 'db.example.com')
    assert.deepEqual(asked[0]?.client, { transport: 'udp', address: '10.0.0.9' })
  })

  test('is left alone for others, and where the CNAME itself was asked for', async () => {
    for (const question of [
      { name: 'db.mesos.', flags: 0 },
      { name: 'db.mesos.', type: TYPE.CNAME },
    ]) {
      const { asked, answers } = await handled(question)
      assert.deepEqual(answers, [ALIAS])
      assert.equal(asked.length, 0)
    }
  })
})
