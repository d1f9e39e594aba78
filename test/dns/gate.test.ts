import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DROP, FORWARD } from '../../src/dns/answer.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { decode } from '../presentation.ts'
import { answererOf, ask, encode, header, nameOctets, optRecord, reply, u16 } from './question.ts'

const answerer = answererOf(['leader.mesos. - A 10.0.0.1'])

describe('packets that get no reply', () => {
  for (const length of [0, 1, 11]) {
    test(`${length} octets`, () =>
      assert.equal(ask(answerer, encode({}).subarray(0, length)), DROP))
  }

  test('responses, whatever else they are', () => {
    for (const flags of [0x8000, 0x8180, 0xa000, 0xffff]) {
      assert.equal(ask(answerer, encode({ flags })), DROP)
    }
  })
})

describe('FORMERR with nothing but a header', () => {
  const question = encode({})
  const cases: Record<string, Buffer> = {
    'a header alone': question.subarray(0, 12),
    'no question': encode({ counts: [0, 0, 0, 0] }),
    'two questions (RFC 9619)': encode({ counts: [2, 0, 0, 0], tail: question.subarray(12) }),
    'more questions than there are': encode({ counts: [40_000, 0, 0, 0] }),
    'an answer in a query': encode({ counts: [1, 1, 0, 0] }),
    'two authority records': encode({ counts: [1, 0, 2, 0] }),
    'more additional records than anybody sends': encode({ counts: [1, 0, 0, 9] }),
    'an additional record that is not there': encode({ counts: [1, 0, 0, 1] }),
    'TC in a query': encode({ flags: 0x0200 }),
    'a name cut off': question.subarray(0, 18),
    'type and class cut off': question.subarray(0, question.length - 1),
    'a label of 64 octets': encode({ name: `${'a'.repeat(64)}.mesos.` }),
    'a name of 256 octets': encode({ name: `${`${'a'.repeat(62)}.`.repeat(4)}aa.` }),
    'a compression pointer in the question': Buffer.concat([
      question.subarray(0, 12),
      u16(0xc00c, TYPE.A, 1),
    ]),
    'two OPT records': encode({
      counts: [1, 0, 0, 2],
      tail: Buffer.concat([optRecord({}), optRecord({})]),
    }),
    'an OPT not owned by the root': encode({
      counts: [1, 0, 0, 1],
      tail: Buffer.concat([nameOctets('x.'), optRecord({}).subarray(1)]),
    }),
    'an OPT longer than the message': encode({
      counts: [1, 0, 0, 1],
      tail: optRecord({}).subarray(0, 10),
    }),
    'an option longer than the OPT': encode({
      counts: [1, 0, 0, 1],
      tail: Buffer.concat([optRecord({}).subarray(0, 9), u16(4, 10, 1)]),
    }),
    'an option header cut off': encode({
      counts: [1, 0, 0, 1],
      tail: Buffer.concat([optRecord({}).subarray(0, 9), u16(2, 10)]),
    }),
  }
  for (const [what, message] of Object.entries(cases)) {
    test(what, () => {
      const octets = reply(answerer, message)
      assert.equal(octets.length, 12)
      const { id, rcode, aa, counts } = header(octets)
      assert.deepEqual([id, rcode, aa, ...counts], [0x1234, RCODE.FORMERR, false, 0, 0, 0, 0])
    })
  }

  test('types that mean nothing in a question', () => {
    for (const type of [0, TYPE.OPT])
      assert.equal(header(reply(answerer, { type })).rcode, RCODE.FORMERR)
  })
})

describe('names as long as they may be', () => {
  test('63 octets in a label, 255 in the name', () => {
    const longest = `${`${'a'.repeat(61)}.`.repeat(4)}mesos.`
    assert.equal(nameOctets(longest).length, 255)
    assert.equal(header(reply(answerer, { name: longest })).rcode, RCODE.NXDOMAIN)
    assert.equal(
      header(reply(answerer, { name: `${'a'.repeat(63)}.mesos.` })).rcode,
      RCODE.NXDOMAIN,
    )
  })
})

describe('opcodes', () => {
  for (const opcode of [1, 2, 4, 5]) {
    test(`${opcode}: NOTIMP with the question`, () => {
      const octets = reply(answerer, { opcode, name: 'mesos.', type: TYPE.SOA })
      const { rcode, counts, aa } = header(octets)
      assert.deepEqual([header(octets).opcode, rcode, aa], [opcode, RCODE.NOTIMP, false])
      assert.deepEqual(counts, [1, 0, 0, 0])
      assert.equal(decode(octets).questions?.[0]?.name, 'mesos')
    })
  }

  for (const opcode of [3, 6, 7, 15]) {
    test(`${opcode}: NOTIMP with nothing but a header`, () => {
      const octets = reply(answerer, { opcode })
      assert.deepEqual(
        [octets.length, header(octets).opcode, header(octets).rcode],
        [12, opcode, 4],
      )
    })
  }

  test('an update with its sections does no harm', () => {
    const octets = reply(answerer, {
      opcode: 5,
      type: TYPE.SOA,
      counts: [1, 7, 9, 3],
      tail: Buffer.alloc(50, 7),
    })
    assert.equal(header(octets).rcode, RCODE.NOTIMP)
  })

  test('foreign names as well', () => {
    assert.equal(header(reply(answerer, { opcode: 4, name: 'example.com.' })).rcode, RCODE.NOTIMP)
  })
})

describe('classes and meta-types', () => {
  for (const qclass of [0, 2, 3, 4, 254, 255, 0xffff]) {
    test(`class ${qclass} is REFUSED`, () => {
      const { rcode, counts } = header(reply(answerer, { qclass }))
      assert.deepEqual([rcode, ...counts], [RCODE.REFUSED, 1, 0, 0, 0])
    })
  }

  test('transfers are REFUSED over UDP and TCP, for our names and others', () => {
    for (const type of [TYPE.AXFR, TYPE.IXFR]) {
      for (const name of ['mesos.', 'example.com.']) {
        assert.equal(header(reply(answerer, { name, type }, 'udp')).rcode, RCODE.REFUSED)
        assert.equal(header(reply(answerer, { name, type }, 'tcp')).rcode, RCODE.REFUSED)
      }
    }
  })

  test('TKEY, TSIG, MAILA and MAILB are NOTIMP', () => {
    for (const type of [TYPE.TKEY, TYPE.TSIG, TYPE.MAILA, TYPE.MAILB]) {
      assert.equal(header(reply(answerer, { type })).rcode, RCODE.NOTIMP)
    }
  })
})

describe('class CH', () => {
  const open = answererOf(['leader.mesos. - A 10.0.0.1'], { chaosOn: true })
  const chaos = (name: string, type: number = TYPE.TXT) => ({ name, type, qclass: 3 })

  for (const [name, text] of [
    ['version.bind.', 'mesos-ns 1.2.3'],
    ['VERSION.SERVER.', 'mesos-ns 1.2.3'],
    ['id.server.', 'replica-7'],
    ['hostname.bind.', 'replica-7'],
  ] as const) {
    test(name, () => {
      const [answer] = decode(reply(open, chaos(name))).answers ?? []
      assert.equal(answer?.type === 'TXT' && String(answer.data), text)
      assert.equal(answer?.name, name.slice(0, -1))
      assert.equal(header(reply(answerer, chaos(name))).rcode, RCODE.REFUSED)
    })
  }

  test('anything else is REFUSED', () => {
    assert.equal(header(reply(open, chaos('leader.mesos.'))).rcode, RCODE.REFUSED)
    assert.equal(header(reply(open, chaos('version.bind.', TYPE.A))).rcode, RCODE.REFUSED)
  })
})

describe('what clients append', () => {
  test('octets behind the message are ignored', () => {
    const octets = reply(answerer, Buffer.concat([encode({}), Buffer.alloc(30, 0xff)]))
    assert.equal(header(octets).rcode, RCODE.NOERROR)
  })

  test('a record that is no OPT is passed over', () => {
    const record = Buffer.concat([nameOctets('k.'), u16(250, 255, 0, 0, 2), u16(7)])
    const octets = reply(answerer, {
      counts: [1, 0, 0, 2],
      tail: Buffer.concat([record, optRecord({})]),
    })
    assert.deepEqual(header(octets).counts, [1, 1, 0, 1])
  })
})

describe('any octets at all', () => {
  const whole = fc.uint8Array({ maxLength: 600 })
  const withHeader = fc
    .tuple(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }))
    .map(([rest, counts]) => Buffer.concat([u16(1, 0x0100, ...counts), rest]))
  const broken = fc.tuple(fc.nat(60), fc.nat(255), fc.nat(80)).map(([at, octet, cut]) => {
    const message = encode({
      name: 'a.*.leader.mesos.',
      edns: {
        options: [
          { code: 8, octets: u16(1, 0) },
          { code: 10, octets: u16(1, 2, 3, 4) },
        ],
      },
    })
    message[at % message.length] = octet
    return message.subarray(0, message.length - (cut % message.length))
  })

  test('get a whole reply, or none, and never an exception', () => {
    const full = answererOf(['leader.mesos. - A 10.0.0.1'], { resolvSubnetFirst: true })
    fc.assert(
      fc.property(fc.oneof(whole, withHeader, broken), (message) => {
        const octets = ask(full, message, 'udp', Uint8Array.of(10, 0, 0, 1))
        if (octets === DROP || octets === FORWARD) return
        assert.ok(octets instanceof Buffer && octets.length >= 12 && octets.length <= 1232)
        assert.deepEqual([octets[0], octets[1]], [message[0], message[1]])
        assert.equal((octets[2] as number) & 0x80, 0x80)
      }),
      { numRuns: 5000 },
    )
  })
})
