import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Query, questionHash } from '../../src/dns/query.ts'
import { ReadAhead } from '../../src/dns/read-ahead.ts'
import { hashName } from '../../src/zone/name-hash.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { recordSet } from '../presentation.ts'
import { answererOf, encode, SERIAL } from './question.ts'

describe('the hash of a question', () => {
  for (const name of ['leader.mesos.', 'LeaDer.MESOS.', 'a.', `${'x'.repeat(63)}.`.repeat(3)]) {
    test(`${name.slice(0, 20)} is that of the parsed one`, () => {
      const message = encode({ name })
      const query = new Query()
      query.parse(message, message.length)
      assert.equal(questionHash(message), query.hash)
      const wire = ownerToWire(name.toLowerCase()) ?? new Uint8Array(0)
      assert.equal(query.hash >>> 0, hashName(wire, wire.length))
    })
  }

  test('is a number whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
        assert.ok(Number.isInteger(questionHash(octets)))
      }),
    )
  })
})

test('any number of names is read ahead, whether they exist or not', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `n${i}.mesos. - A 10.0.0.${i}`)
  const zone = zoneOf(recordSet(lines), defaultConfig(), SERIAL)
  const readAhead = new ReadAhead()
  for (let count = 0; count <= ReadAhead.MOST; count++) {
    for (let i = 0; i < count; i++) readAhead.add(Math.imul(i, 0x9e3779b1))
    readAhead.read(zone)
  }
  assert.ok(Number.isInteger(readAhead.sum))
})

test('messages that are expected are answered as others are', () => {
  const answerer = answererOf(['leader.mesos. - A 10.0.0.1'])
  Object.defineProperty(answerer.zone, 'names', { value: 1e6 })
  const messages = Array.from({ length: 70 }, (_, i) =>
    i % 3 === 0
      ? Buffer.alloc(i, 0x3f)
      : encode({ id: i, name: i % 2 ? 'leader.mesos.' : 'x.mesos.' }),
  )
  const answers = () =>
    messages.map((message) => {
      const out = Buffer.alloc(512)
      return [answerer.answer(message, message.length, out, 'udp'), out]
    })
  const before = answers()
  answerer.expect(messages, 0, messages.length)
  answerer.expect(messages, 5, 5)
  assert.deepEqual(answers(), before)
})
