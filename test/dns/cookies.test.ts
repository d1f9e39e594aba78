import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Config } from '../../src/config/index.ts'
import { type Answerer, FORWARD } from '../../src/dns/answer.ts'
import { Cookies } from '../../src/dns/cookies.ts'
import { listenDns } from '../../src/dns/index.ts'
import { silentLogger } from '../../src/log.ts'
import { ipToBytes } from '../../src/net/address.ts'
import { OPTION, RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { defaultConfig } from '../config.ts'
import { decode } from '../presentation.ts'
import {
  answererOf,
  ask,
  COOKIE_SECRET,
  COOKIE_TIME,
  encode,
  header,
  optRecord,
  type Question,
  reply,
  u16,
} from './question.ts'

const NOW = 1_700_000_000
const CLIENT = Uint8Array.of(10, 0, 0, 1)
const CLIENT_COOKIE = '2464c4abcf10c957'

const hex = (text: string) => Buffer.from(text, 'hex')
const bytes = (address: string) => ipToBytes(address) ?? assert.fail(address)

/** What `cookies` makes of a COOKIE option, at an offset as in a message. */
function take(cookies: Cookies, option: Uint8Array, client: Uint8Array = CLIENT) {
  const message = Buffer.concat([Buffer.alloc(5, 0xee), option, Buffer.alloc(40, 0xee)])
  const rcode = cookies.take(message, 5, option.length, client)
  return { rcode, option: Buffer.from(cookies.option).toString('hex') }
}

describe('the vectors of RFC 9018, appendix A', () => {
  const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf'
  const OLD = 'dd3bdf9344b678b185a6f5cb60fca715'
  const ROLLED = '445536bcd2513298075a5d379663c962'
  const V6 = '2001:db8:220:1:59de:d0f4:8769:82b8'
  const { NOERROR, BADCOOKIE } = RCODE

  for (const [what, secret, client, time, sent, rcode, returned] of [
    [
      'A.1: a new server cookie',
      SECRET,
      '198.51.100.100',
      1559731985,
      '2464c4abcf10c957',
      NOERROR,
      '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
    ],
    [
      'A.2: renewed after 40 minutes',
      SECRET,
      '198.51.100.100',
      1559734385,
      '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
      NOERROR,
      '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
    ],
    [
      'A.3: another client, whose cookie is older than an hour',
      SECRET,
      '203.0.113.203',
      1559734700,
      'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
      BADCOOKIE,
      'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e',
    ],
    [
      'A.3, sooner: reserved octets that are not zero are part of the hash',
      SECRET,
      '203.0.113.203',
      1559727985,
      'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
      NOERROR,
      'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
    ],
    [
      'A.4: IPv6, with the secret its cookie was made with',
      OLD,
      V6,
      1559741961,
      '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
      NOERROR,
      '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
    ],
    [
      'A.4: IPv6, with the secret rolled over',
      ROLLED,
      V6,
      1559741961,
      '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
      BADCOOKIE,
      '22681ab97d52c298010000005cf7c609a6bb79d16625507a',
    ],
  ] as const) {
    test(what, () => {
      const cookies = new Cookies(hex(secret), () => time)
      assert.deepEqual(take(cookies, hex(sent), bytes(client)), { rcode, option: returned })
    })
  }
})

describe('server cookies', () => {
  let now = NOW
  const cookies = new Cookies(COOKIE_SECRET, () => now)
  const learnt = (at: number, client = CLIENT) => {
    now = at
    return take(cookies, hex(CLIENT_COOKIE), client).option
  }

  for (const [age, rcode, result] of [
    [-301, RCODE.BADCOOKIE, 'another'],
    [-300, RCODE.NOERROR, 'the same'],
    [-1, RCODE.NOERROR, 'the same'],
    [0, RCODE.NOERROR, 'the same'],
    [1800, RCODE.NOERROR, 'the same'],
    [1801, RCODE.NOERROR, 'another'],
    [3600, RCODE.NOERROR, 'another'],
    [3601, RCODE.BADCOOKIE, 'another'],
    [2 ** 31, RCODE.BADCOOKIE, 'another'],
  ] as const) {
    test(`${age} seconds old: ${rcode}, ${result}`, () => {
      // Also where the 32 bits of the timestamp end (RFC 9018 §4.3: serial arithmetic).
      for (const made of [NOW, 2 ** 32 - 1, 2 ** 32 + 100]) {
        const option = learnt(made)
        now = made + age
        const found = take(cookies, hex(option))
        assert.equal(found.rcode, rcode)
        assert.equal(found.option, result === 'the same' ? option : learnt(made + age))
      }
    })
  }

  test('every bit counts', () => {
    const option = hex(learnt(NOW))
    for (let bit = 0; bit < option.length * 8; bit++) {
      const changed = option.map((octet, i) => (i === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet))
      assert.equal(take(cookies, changed).rcode, RCODE.BADCOOKIE, `bit ${bit}`)
    }
    assert.equal(take(cookies, option).rcode, RCODE.NOERROR)
  })

  test('are good for one address and one secret', () => {
    const option = hex(learnt(NOW))
    for (const client of ['10.0.0.2', '::a00:1', '2001:db8::1']) {
      assert.equal(take(cookies, option, bytes(client)).rcode, RCODE.BADCOOKIE, client)
    }
    assert.equal(take(cookies, option, bytes('::ffff:10.0.0.1')).rcode, RCODE.NOERROR)
    const others = new Cookies(new Uint8Array(16), () => NOW)
    assert.equal(take(others, option).rcode, RCODE.BADCOOKIE)
    const replica = new Cookies(COOKIE_SECRET, () => NOW)
    assert.equal(take(replica, option).rcode, RCODE.NOERROR)
  })

  test('those of other servers are replaced, whatever their length', () => {
    const expected = learnt(NOW)
    for (let length = 16; length <= 40; length++) {
      const option = Buffer.concat([hex(CLIENT_COOKIE), Buffer.alloc(length - 8, 1)])
      assert.deepEqual(take(cookies, option), { rcode: RCODE.BADCOOKIE, option: expected })
    }
    const longer = Buffer.concat([hex(expected), Buffer.alloc(1)])
    assert.equal(take(cookies, longer).rcode, RCODE.BADCOOKIE)
  })

  test('whatever comes, what goes back is good', () => {
    const option = fc.oneof(
      fc.uint8Array({ maxLength: 45 }),
      fc.uint8Array({ minLength: 24, maxLength: 24 }),
      fc.constant(hex(learnt(NOW))),
    )
    const address = fc.constantFrom(4, 16).chain((length) => {
      return fc.uint8Array({ minLength: length, maxLength: length })
    })
    fc.assert(
      fc.property(option, address, fc.nat(2 ** 32 - 1), (sent, client, time) => {
        now = time
        const { rcode, option: returned } = take(cookies, sent, client)
        const wellFormed = sent.length === 8 || (sent.length >= 16 && sent.length <= 40)
        assert.equal(rcode !== RCODE.FORMERR, wellFormed)
        if (!wellFormed) return
        assert.deepEqual(hex(returned).subarray(0, 8), Buffer.from(sent.subarray(0, 8)))
        assert.deepEqual(take(cookies, hex(returned), client), { rcode: 0, option: returned })
      }),
    )
  })
})

const many = Array.from({ length: 200 }, (_, i) => `many.mesos. - A 10.0.${i >> 8}.${i & 255}`)
const LINES = ['leader.mesos. - A 10.0.0.1', ...many]
const answerer = answererOf(LINES)

const cookie = (octets: string | Uint8Array) => ({
  code: OPTION.COOKIE,
  octets: typeof octets === 'string' ? hex(octets) : octets,
})
const withCookie = (octets: string | Uint8Array, question: Question = {}): Question => ({
  ...question,
  edns: { ...question.edns, options: [cookie(octets)] },
})

interface Seen {
  readonly rcode: number
  /** The COOKIE option in hexadecimal. */
  readonly cookie: string | undefined
}

/** The extended RCODE and the cookie of a reply, by an independent decoder. */
function seen(octets: Buffer): Seen {
  const opts = (decode(octets).additionals ?? []).flatMap((record) =>
    record.type === 'OPT' ? [record] : [],
  )
  assert.equal(opts.length, 1)
  const [opt] = opts
  const options = (opt?.options ?? []) as { code: number; data?: Buffer }[]
  const found = options.filter(({ code }) => code === OPTION.COOKIE)
  assert.ok(found.length <= 1)
  const rcode = ((opt?.extendedRcode ?? 0) << 4) | header(octets).rcode
  return { rcode, cookie: found[0]?.data?.toString('hex') }
}

/** Asks as 10.0.0.1. */
const asked = (question: Question | Uint8Array, by: Answerer = answerer) =>
  seen(reply(by, question, 'udp', CLIENT))

const GOOD = take(new Cookies(COOKIE_SECRET, () => COOKIE_TIME), hex(CLIENT_COOKIE)).option
const BAD = `${CLIENT_COOKIE}${'01'.repeat(16)}`

describe('replies', () => {
  test('carry a server cookie for clients that have a cookie, over UDP and TCP', () => {
    for (const transport of ['udp', 'tcp'] as const) {
      const octets = reply(answerer, withCookie(CLIENT_COOKIE), transport, CLIENT)
      assert.deepEqual(seen(octets), { rcode: RCODE.NOERROR, cookie: GOOD })
      assert.deepEqual(header(octets).counts, [1, 1, 0, 1])
    }
  })

  test('none for others', () => {
    assert.deepEqual(asked({ edns: {} }), { rcode: RCODE.NOERROR, cookie: undefined })
    assert.deepEqual(header(reply(answerer, {}, 'udp', CLIENT)).counts, [1, 1, 0, 0])
  })

  test('a good server cookie comes back as it is, a bad one is replaced and does no harm', () => {
    for (const sent of [GOOD, BAD]) {
      const octets = reply(answerer, withCookie(sent), 'udp', CLIENT)
      assert.deepEqual(seen(octets), { rcode: RCODE.NOERROR, cookie: GOOD })
      assert.equal(header(octets).counts[1], 1)
    }
  })

  for (const [what, question, rcode] of [
    ['NXDOMAIN', { name: 'nope.mesos.' }, RCODE.NXDOMAIN],
    ['NODATA', { type: TYPE.TXT }, RCODE.NOERROR],
    ['ANY', { type: TYPE.ANY }, RCODE.NOERROR],
    ['a transfer', { type: TYPE.AXFR }, RCODE.REFUSED],
    ['another class', { qclass: 3 }, RCODE.REFUSED],
    ['a meta-type', { type: TYPE.TKEY }, RCODE.NOTIMP],
  ] as const) {
    test(`${what} as well`, () => {
      assert.deepEqual(asked(withCookie(CLIENT_COOKIE, question)), { rcode, cookie: GOOD })
    })
  }

  test('SERVFAIL of a server that has no zone yet as well', () => {
    const found = asked(withCookie(CLIENT_COOKIE), answererOf(undefined))
    assert.deepEqual(found, { rcode: RCODE.SERVFAIL, cookie: GOOD })
  })

  test('not BADVERS: options of another version may mean something else', () => {
    const found = asked(withCookie(CLIENT_COOKIE, { edns: { version: 1 } }))
    assert.deepEqual(found, { rcode: RCODE.BADVERS, cookie: undefined })
  })

  test('truncated ones keep room for it', () => {
    for (const payload of [512, 600, 1232]) {
      const question = withCookie(CLIENT_COOKIE, { name: 'many.mesos.', edns: { payload } })
      const octets = reply(answerer, question, 'udp', CLIENT)
      assert.ok(octets.length <= payload && octets.length > payload - 16, `${octets.length}`)
      assert.equal(header(octets).tc, true)
      assert.equal(seen(octets).cookie, GOOD)
    }
  })

  test('beside every other option, in the least of room', () => {
    const all = answererOf(LINES, { nsid: 'n'.repeat(128), resolvSubnetFirst: true })
    const subnet = { code: OPTION.CLIENT_SUBNET, octets: Buffer.from([0, 1, 24, 0, 10, 0, 0]) }
    const options = [{ code: OPTION.NSID, octets: Buffer.alloc(0) }, subnet, cookie(GOOD)]
    const question = { name: 'many.mesos.', edns: { payload: 512, options } }
    const octets = reply(all, question, 'udp', CLIENT)
    assert.ok(octets.length <= 512 && octets.length > 496)
    assert.equal(seen(octets).cookie, GOOD)
    const [opt] = (decode(octets).additionals ?? []).slice(-1)
    assert.equal(opt?.type === 'OPT' && opt.options.length, 3)
  })

  test('of several cookies the first counts (RFC 7873 §5.2)', () => {
    const [good, malformed] = [cookie(CLIENT_COOKIE), cookie('00')]
    assert.equal(asked({ edns: { options: [good, cookie('aa'.repeat(8))] } }).cookie, GOOD)
    assert.equal(asked({ edns: { options: [good, malformed] } }).cookie, GOOD)
    assert.equal(asked({ edns: { options: [malformed, good] } }).rcode, RCODE.FORMERR)
  })
})

describe('malformed cookies', () => {
  for (const length of [0, 1, 7, 9, 15, 41, 100]) {
    test(`of ${length} octets are FORMERR, for foreign names too`, () => {
      for (const name of ['leader.mesos.', 'example.com.']) {
        const octets = reply(answerer, withCookie(new Uint8Array(length), { name }), 'udp', CLIENT)
        assert.deepEqual(seen(octets), { rcode: RCODE.FORMERR, cookie: undefined })
        assert.deepEqual(header(octets).counts, [1, 0, 0, 1])
      }
    })
  }
})

describe('cookies: false', () => {
  const off = answererOf(LINES, { cookies: false })

  test('takes no notice of cookies, not even of malformed ones', () => {
    for (const sent of [CLIENT_COOKIE, GOOD, BAD, '', '00']) {
      assert.deepEqual(asked(withCookie(sent), off), { rcode: RCODE.NOERROR, cookie: undefined })
    }
  })

  test('a query for nothing but a cookie is FORMERR', () => {
    const octets = reply(off, cookieOnly(CLIENT_COOKIE), 'udp', CLIENT)
    assert.deepEqual([octets.length, header(octets).rcode], [12, RCODE.FORMERR])
  })
})

describe('the address of the client', () => {
  const asks = (question: Question, by = answerer): number => {
    let times = 0
    const message = encode(question)
    by.answer(message, message.length, new Uint8Array(0xffff), 'udp', {
      addressOctets() {
        times++
        return CLIENT
      },
    })
    return times
  }

  test('is asked for only when there is a cookie', () => {
    const off = answererOf(LINES, { cookies: false })
    assert.equal(asks({}), 0)
    assert.equal(asks({ edns: {} }), 0)
    assert.equal(asks({ name: 'example.com.' }), 0)
    assert.equal(asks(withCookie(CLIENT_COOKIE)), 1)
    assert.equal(asks(withCookie(CLIENT_COOKIE), off), 0)
  })

  test('without one there is no cookie', () => {
    const found = seen(reply(answerer, withCookie(CLIENT_COOKIE), 'udp', undefined))
    assert.deepEqual(found, { rcode: RCODE.NOERROR, cookie: undefined })
  })
})

test('foreign names are forwarded with a cookie, too', () => {
  for (const sent of [CLIENT_COOKIE, GOOD, BAD]) {
    const question = withCookie(sent, { name: 'example.com.' })
    assert.equal(ask(answerer, question, 'udp', CLIENT), FORWARD)
  }
})

/** A query without a question, with a COOKIE option or without OPT. */
function cookieOnly(octets?: string): Buffer {
  const counts = [0, 0, 0, octets === undefined ? 0 : 1]
  const tail = octets === undefined ? [] : [optRecord({ options: [cookie(octets)] })]
  return Buffer.concat([u16(0x1234, 0x0100, ...counts), ...tail])
}

describe('queries for nothing but a cookie (RFC 7873 §5.4)', () => {
  for (const [what, sent, rcode] of [
    ['a client cookie', CLIENT_COOKIE, RCODE.NOERROR],
    ['a good server cookie', GOOD, RCODE.NOERROR],
    ['a bad server cookie', BAD, RCODE.BADCOOKIE],
  ] as const) {
    test(`${what}: ${rcode}`, () => {
      reply(answerer, { name: 'leader.mesos.' })
      const octets = reply(answerer, cookieOnly(sent), 'udp', CLIENT)
      assert.deepEqual(seen(octets), { rcode, cookie: GOOD })
      assert.deepEqual(header(octets).counts, [0, 0, 0, 1])
      assert.deepEqual([header(octets).id, header(octets).aa], [0x1234, false])
      assert.equal(octets.length, 12 + 11 + 4 + 24)
    })
  }

  test('a malformed cookie is FORMERR', () => {
    const octets = reply(answerer, cookieOnly('00'), 'udp', CLIENT)
    assert.deepEqual(seen(octets), { rcode: RCODE.FORMERR, cookie: undefined })
    assert.deepEqual(header(octets).counts, [0, 0, 0, 1])
  })

  test('no cookie and no question is FORMERR', () => {
    const noCookie = Buffer.concat([u16(0x1234, 0, 0, 0, 0, 1), optRecord({})])
    for (const message of [cookieOnly(), noCookie]) {
      const octets = reply(answerer, message, 'udp', CLIENT)
      assert.deepEqual([octets.length, header(octets).rcode], [12, RCODE.FORMERR])
    }
  })

  test('another opcode is NOTIMP', () => {
    const notify = cookieOnly(CLIENT_COOKIE)
    notify[2] = 4 << 3
    const octets = reply(answerer, notify, 'udp', CLIENT)
    assert.deepEqual([octets.length, header(octets).rcode], [12, RCODE.NOTIMP])
  })
})

describe('a listening server', () => {
  const forwarder = {
    forward: () => assert.fail('nothing is forwarded here'),
    finish: async () => {},
    close: async () => {},
  }

  /** What a server returns for each COOKIE option, asked one after the other from one address. */
  async function cookiesOf(
    change: Partial<Config>,
    host: string,
    options: readonly ((before: string) => string)[],
  ): Promise<string[]> {
    const config = { ...defaultConfig(), port: 0, listener: ['0.0.0.0'], ...change }
    const server = await listenDns({
      config,
      version: '1.2.3',
      log: silentLogger,
      forwarder,
      addresses: () => [],
    })
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const returned: string[] = []
    try {
      for (const option of options) {
        const message = encode(withCookie(option(returned.at(-1) ?? '')))
        socket.send(message, server.address.port, host)
        const [octets] = await once(socket, 'message')
        returned.push(seen(octets).cookie ?? '')
      }
    } finally {
      socket.close()
      await server.close()
    }
    return returned
  }

  const learn = () => CLIENT_COOKIE
  const again = (before: string) => before

  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some((one) => one?.address === '::1')

  for (const host of ['127.0.0.1', '::1']) {
    const skip = host === '::1' && !hasIpv6 && 'this host has no IPv6'

    test(`knows its own cookie, at ${host}`, { skip }, async () => {
      const [first = '', second] = await cookiesOf({}, host, [learn, again])
      assert.match(first, new RegExp(`^${CLIENT_COOKIE}01000000[0-9a-f]{24}$`))
      assert.equal(second, first)
    })

    test(`makes it of cookieSecret and the address of the client, at ${host}`, {
      skip,
    }, async () => {
      const cookieSecret = Buffer.from(COOKIE_SECRET).toString('hex')
      const [first = ''] = await cookiesOf({ cookieSecret }, host, [learn])
      const time = hex(first).readUInt32BE(12)
      const replica = new Cookies(COOKIE_SECRET, () => time)
      assert.deepEqual(take(replica, hex(first), bytes(host)), { rcode: 0, option: first })
    })
  }

  test('without a configured secret has one of its own', async () => {
    const [first = ''] = await cookiesOf({}, '127.0.0.1', [learn])
    const [other] = await cookiesOf({}, '127.0.0.1', [() => first])
    assert.notEqual(other, first)
  })
})
