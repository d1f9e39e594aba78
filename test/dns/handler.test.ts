import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCounters, readCounters, ThreadCounters } from '../../src/counters/index.ts'
import { clientAddress, Handler, NO_REPLY, REPLY_LATER } from '../../src/dns/handler.ts'
import type { DatagramSource } from '../../src/dns/source.ts'
import type { ForwardClient, Forwarder } from '../../src/forward/index.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { decode, presentation } from '../presentation.ts'
import { answererOf, encode, header, type Question } from './question.ts'

const LINES = ['leader.mesos. - A 10.0.0.1', 'out.mesos. - CNAME www.example.']
const TCP = { transport: 'tcp', address: '::ffff:10.0.0.9' } as const

/** A forwarder that answers every query with this. */
function upstream(answer: (query: Uint8Array) => Promise<Uint8Array>) {
  const asked: { query: Buffer; client: ForwardClient }[] = []
  const forwarder: Pick<Forwarder, 'forward'> = {
    forward(query, client) {
      asked.push({ query: Buffer.from(query), client })
      return answer(query)
    },
  }
  return { forwarder, asked }
}

/** The query made a reply: QR, and NXDOMAIN. */
async function nxdomain(query: Uint8Array): Promise<Uint8Array> {
  const reply = Buffer.from(query)
  reply[2] = (reply[2] ?? 0) | 0x80
  reply[3] = RCODE.NXDOMAIN
  return reply
}

function setUp(answer = nxdomain) {
  const answerer = answererOf(LINES)
  const { forwarder, asked } = upstream(answer)
  const buffer = createCounters()
  const faults: string[] = []
  let time = 0
  const handler = new Handler(
    answerer,
    forwarder,
    new ThreadCounters(buffer),
    ({ message }) => faults.push(message),
    () => time++ * 1000,
  )
  return { handler, answerer, asked, faults, counts: () => readCounters([buffer]).total }
}

/** A source that keeps what is sent to it later. */
function source(family: 4 | 6 = 4) {
  const later: Buffer[] = []
  let detached = 0
  const from: DatagramSource = {
    family,
    address: () => (family === 4 ? '10.0.0.9' : 'fd00::9'),
    addressOctets: () => Uint8Array.of(10, 0, 0, 9),
    detach() {
      detached++
      return (reply) => later.push(Buffer.from(reply))
    },
  }
  return { from, later, detached: () => detached }
}

/** In a buffer that is used again and again, longer than the message. */
function inSlot(question: Question | Uint8Array): { slot: Uint8Array; length: number } {
  const message = question instanceof Uint8Array ? question : encode(question)
  const slot = new Uint8Array(4096).fill(0xee)
  slot.set(message)
  return { slot, length: message.length }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a datagram', () => {
  test('is answered at once from the zone, without its source being asked for anything', () => {
    const { handler, counts } = setUp()
    const { slot, length } = inSlot({ edns: {} })
    const out = new Uint8Array(1232)
    const { from, detached } = source(6)
    from.address = () => assert.fail('address')
    from.addressOctets = () => assert.fail('addressOctets')
    const octets = handler.datagram(slot, length, out, from)
    const { answers } = decode(out.subarray(0, octets))
    assert.deepEqual(presentation(answers), ['leader.mesos. 60 A 10.0.0.1'])
    assert.equal(detached(), 0)
    const { byTransport, byType, byRcode, latency } = counts()
    assert.deepEqual([byTransport.udp6, byType.A, byRcode], [1, 1, { NOERROR: 1 }])
    // The caller counts it: it knows when the batch came.
    assert.equal(latency.count, 0)
  })

  test('may be answered in place', () => {
    const { handler } = setUp()
    for (const question of [
      { edns: {} },
      { name: 'nope.mesos.', edns: {} },
      { name: 'leader.mesos.', type: TYPE.ANY },
      { name: 'out.mesos.', flags: 0, edns: {} },
      { edns: { version: 1 } },
      { opcode: 4 },
      { qclass: 3, type: TYPE.TXT, name: 'id.server.' },
      { edns: { options: [{ code: 10, octets: Buffer.alloc(8, 7) }] } },
    ]) {
      const { slot, length } = inSlot(question)
      const out = new Uint8Array(4096)
      const octets = handler.datagram(slot, length, out, source().from)
      assert.equal(handler.datagram(slot, length, slot, source().from), octets)
      assert.deepEqual(slot.subarray(0, octets), out.subarray(0, octets))
    }
  })

  for (const [what, message, reason] of [
    ['too short to be a query', Buffer.alloc(11), 'short'],
    ['a response', encode({ flags: 0x8000 }), 'response'],
  ] as const) {
    test(`${what}: no reply`, () => {
      const { handler, counts } = setUp()
      const { slot, length } = inSlot(message)
      assert.equal(handler.datagram(slot, length, new Uint8Array(512), source().from), NO_REPLY)
      assert.deepEqual([counts().answers, counts().dropped[reason]], [0, 1])
    })
  }

  test('is forwarded without what lies behind it, and its reply is sent later', async () => {
    const { handler, asked, counts } = setUp()
    const message = encode({ id: 7, name: 'www.example.', type: TYPE.AAAA })
    const { slot, length } = inSlot(message)
    const { from, later, detached } = source()
    assert.equal(handler.datagram(slot, length, slot, from), REPLY_LATER)
    slot.fill(0)
    assert.equal(detached(), 1)
    await settled()
    assert.deepEqual(asked, [{ query: message, client: { transport: 'udp', address: '10.0.0.9' } }])
    assert.deepEqual(
      later.map((reply) => [header(reply).id, header(reply).rcode]),
      [[7, RCODE.NXDOMAIN]],
    )
    const { answers, forwarded, byTransport, byType, byRcode, latency } = counts()
    assert.deepEqual([answers, forwarded, byTransport.udp4, byType.AAAA], [1, 1, 1, 1])
    assert.deepEqual(byRcode, { NXDOMAIN: 1 })
    assert.deepEqual([latency.count, latency.sum], [1, 1])
  })

  test('whose answer leads out of the domain is completed later', async () => {
    const { handler, asked, counts } = setUp(async (query) => {
      const reply = await nxdomain(query)
      reply[3] = 0
      return reply
    })
    const { slot, length } = inSlot({ id: 9, name: 'out.mesos.' })
    const { from, later } = source()
    assert.equal(handler.datagram(slot, length, slot, from), REPLY_LATER)
    slot.fill(0)
    await settled()
    assert.equal(decode(asked[0]?.query ?? Buffer.alloc(0)).questions?.[0]?.name, 'www.example')
    const [reply = Buffer.alloc(0)] = later
    assert.deepEqual(presentation(decode(reply).answers), ['out.mesos. 60 CNAME www.example.'])
    assert.equal(header(reply).id, 9)
    assert.deepEqual([counts().answers, counts().forwarded], [1, 1])
  })
})

describe('a message from a stream', () => {
  test('is counted, with its latency', async () => {
    const { handler, counts } = setUp()
    assert.ok(handler.handle(encode({}), TCP) instanceof Uint8Array)
    await handler.handle(encode({ name: 'www.example.' }), TCP)
    assert.equal(handler.handle(Buffer.alloc(3), { ...TCP, address: '::1' }), undefined)
    const { answers, byTransport, forwarded, dropped, latency } = counts()
    assert.deepEqual([answers, byTransport.tcp4, forwarded, dropped.short], [2, 2, 1, 1])
    assert.deepEqual([latency.count, latency.sum], [2, 2])
  })

  test('a query that could not be read has no type', () => {
    const { handler, counts } = setUp()
    handler.handle(encode({ type: TYPE.SRV }), TCP)
    handler.handle(encode({ type: TYPE.SRV, counts: [2, 0, 0, 0] }), TCP)
    const { byType, byRcode } = counts()
    assert.deepEqual([byType.SRV, byType.other], [1, 1])
    assert.deepEqual(byRcode, { NOERROR: 1, FORMERR: 1 })
  })

  test('extended RCODEs are counted whole', () => {
    const { handler, counts } = setUp()
    handler.handle(encode({ edns: { version: 1 } }), TCP)
    handler.handle(encode({ counts: [2, 0, 0, 0] }), TCP)
    assert.deepEqual(counts().byRcode, { FORMERR: 1, BADVERS: 1 })
  })
})

describe('a fault of ours', () => {
  function broken() {
    const made = setUp(async () => {
      throw new Error('forwarder is broken')
    })
    Object.defineProperty(made.answerer.zone, 'shardOf', {
      value: () => {
        throw new Error('zone is broken')
      },
    })
    return made
  }

  test('costs that one answer, in the zone', () => {
    const { handler, faults, counts } = broken()
    const reply = handler.handle(encode({ id: 7 }), TCP)
    assert.ok(reply instanceof Uint8Array)
    const { id, rcode, counts: sections } = header(reply)
    assert.deepEqual([id, rcode, sections], [7, RCODE.SERVFAIL, [0, 0, 0, 0]])
    const { slot, length } = inSlot({ id: 8 })
    assert.equal(handler.datagram(slot, length, slot, source().from), 12)
    assert.deepEqual([header(slot).id, header(slot).rcode], [8, RCODE.SERVFAIL])
    assert.deepEqual(faults, ['zone is broken', 'zone is broken'])
    assert.deepEqual(counts().byRcode, { SERVFAIL: 2 })
  })

  test('and beyond it', async () => {
    const { handler, faults, counts } = broken()
    const question = { id: 8, name: 'example.com.', type: TYPE.MX }
    const reply = await handler.handle(encode(question), TCP)
    assert.deepEqual([header(reply ?? Buffer.alloc(0)).rcode, reply?.length], [RCODE.SERVFAIL, 12])
    const { slot, length } = inSlot(question)
    const { from, later } = source()
    assert.equal(handler.datagram(slot, length, slot, from), REPLY_LATER)
    await settled()
    assert.deepEqual(
      later.map((sent) => [header(sent).id, header(sent).rcode]),
      [[8, RCODE.SERVFAIL]],
    )
    assert.deepEqual(faults, ['forwarder is broken', 'forwarder is broken'])
    assert.deepEqual([counts().byRcode, counts().byType.MX], [{ SERVFAIL: 2 }, 2])
  })
})

describe('clientAddress', () => {
  for (const [socket, client] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:a00:1', '::ffff:a00:1'],
  ] as const) {
    test(socket, () => assert.equal(clientAddress(socket), client))
  }
})
