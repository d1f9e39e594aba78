import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OPTION, RCODE } from '../../src/net/dns-numbers.ts'
import { opt } from './opt.ts'
import { answererOf, header, type Question, reply, u16 } from './question.ts'

const many = Array.from({ length: 200 }, (_, i) => `many.mesos. - A 10.0.${i >> 8}.${i & 255}`)
const answerer = answererOf(['leader.mesos. - A 10.0.0.1', ...many])

function optionOf(
  question: Question,
  code: number,
  transport: 'udp' | 'tcp' = 'udp',
): Buffer | undefined {
  const { options } = opt(reply(answerer, question, transport))
  const octets = options.find((option) => option.code === code)?.octets
  return octets === undefined ? undefined : Buffer.from(octets)
}

describe('the OPT record', () => {
  test('is in the reply if and only if it was in the query', () => {
    assert.deepEqual(header(reply(answerer, {})).counts, [1, 1, 0, 0])
    assert.deepEqual(header(reply(answerer, { edns: {} })).counts, [1, 1, 0, 1])
    assert.deepEqual(
      header(reply(answerer, { name: 'nope.mesos.', edns: {} })).counts,
      [1, 0, 1, 1],
    )
  })

  test('says our payload size, version 0, and copies DO alone', () => {
    const { payload, version, flags, options } = opt(reply(answerer, { edns: { flags: 0xffff } }))
    assert.deepEqual(
      { payload, version, flags, options },
      { payload: 1232, version: 0, flags: 0x8000, options: [] },
    )
    assert.equal(opt(reply(answerer, { edns: {} })).flags, 0)
  })

  test('version 1 and above is BADVERS', () => {
    for (const version of [1, 2, 255]) {
      const octets = reply(answerer, { edns: { version } })
      assert.equal(opt(octets).rcode, RCODE.BADVERS)
      assert.equal(opt(octets).version, 0)
      assert.deepEqual(header(octets).counts, [1, 0, 0, 1])
    }
  })

  test('options unknown to us are ignored', () => {
    const options = [
      { code: 65001, octets: u16(1, 2, 3) },
      { code: 12, octets: Buffer.alloc(100) },
    ]
    assert.deepEqual(opt(reply(answerer, { edns: { options } })).options, [])
  })
})

describe('payload size', () => {
  const name = 'many.mesos.'
  for (const [what, edns, limit] of [
    ['none means 512', undefined, 512],
    ['less than 512 means 512', { payload: 100 }, 512],
    ['the client decides', { payload: 700 }, 700],
    ['up to 1232', { payload: 4096 }, 1232],
    ['65535 is no reason for more', { payload: 65535 }, 1232],
  ] as const) {
    test(what, () => {
      const octets = reply(answerer, edns === undefined ? { name } : { name, edns })
      assert.ok(
        octets.length <= limit && octets.length > limit - 16,
        `${octets.length} of ${limit}`,
      )
      assert.equal(header(octets).tc, true)
    })
  }

  test('ednsBufferSize raises our limit', () => {
    const larger = answererOf(many, { ednsBufferSize: 4096 })
    const octets = reply(larger, { name, edns: { payload: 4096 } })
    assert.deepEqual([header(octets).tc, header(octets).counts[1]], [false, 200])
  })

  test('TCP has no such limit', () => {
    const octets = reply(answerer, { name, edns: { payload: 512 } }, 'tcp')
    assert.deepEqual([header(octets).tc, header(octets).counts[1]], [false, 200])
  })
})

describe('NSID (RFC 5001)', () => {
  const nsid = { code: OPTION.NSID, octets: Buffer.alloc(0) }

  test('is sent to who asks', () => {
    assert.equal(optionOf({ edns: { options: [nsid] } }, OPTION.NSID)?.toString(), 'replica-7')
    assert.equal(optionOf({ edns: {} }, OPTION.NSID), undefined)
  })

  test('is not sent where it is off', () => {
    const silent = answererOf(many, { nsid: '' })
    assert.deepEqual(
      opt(reply(silent, { name: 'many.mesos.', edns: { options: [nsid] } })).options,
      [],
    )
  })

  test('keeps its room in a truncated answer', () => {
    const octets = reply(answerer, { name: 'many.mesos.', edns: { payload: 512, options: [nsid] } })
    assert.ok(octets.length <= 512)
    assert.equal(opt(octets).options.length, 1)
  })
})

describe('edns-tcp-keepalive (RFC 7828)', () => {
  const edns = { options: [{ code: OPTION.TCP_KEEPALIVE, octets: Buffer.alloc(0) }] }

  test('tells TCP clients that ask, and nobody over UDP', () => {
    assert.deepEqual(optionOf({ edns }, OPTION.TCP_KEEPALIVE, 'tcp'), u16(100))
    assert.equal(optionOf({ edns }, OPTION.TCP_KEEPALIVE, 'udp'), undefined)
    assert.equal(optionOf({ edns: {} }, OPTION.TCP_KEEPALIVE, 'tcp'), undefined)
  })
})
