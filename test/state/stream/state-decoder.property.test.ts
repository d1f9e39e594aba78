import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createStateDecoder } from '../../../src/state/stream/state-decoder.ts'
import { readFixture } from '../fixture.ts'
import { decodePieces, expectedOutcome, outcomeOf } from './decoding.ts'
import { edits, oddlyEdited } from './odd-edits.ts'
import { choices, cut, spell } from './spelling.ts'

const full = readFixture('full')
const plain = readFixture('plain')

/** A real state with one to three odd values in it, or any JSON value. */
const document = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 9,
    arbitrary: fc.tuple(fc.constantFrom(full, plain), edits).map(oddlyEdited),
  },
)

test('any document, however it is written and cut, is decoded as decodeState does', () => {
  fc.assert(
    fc.property(document, choices, choices, (json, spelling, cuts) => {
      const text = spell(json, spelling)
      assert.deepStrictEqual(
        outcomeOf(() => decodePieces(cut(Buffer.from(text), cuts))),
        expectedOutcome(JSON.parse(text)),
      )
    }),
    { numRuns: 1500 },
  )
})

test('octets that are no UTF-8 are read as Buffer.toString reads them', () => {
  const octets = Buffer.from(JSON.stringify(full))
  const run = fc.array(fc.integer({ min: 0x80, max: 0xff }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.nat(octets.length - 5), run, choices, (at, damage, cuts) => {
      const damaged = Buffer.from(octets)
      damaged.set(damage, at)
      agrees(damaged, cuts, octets)
    }),
    { numRuns: 1500 },
  )
})

test('a document with any octet changed is refused, or read as if only what is skipped had changed', () => {
  const octets = Buffer.from(JSON.stringify(full))
  const structure = fc.constantFrom(...Buffer.from('"\\[]{},: 0a'))
  fc.assert(
    fc.property(
      fc.nat(octets.length - 1),
      fc.oneof(structure, fc.nat(255)),
      choices,
      (at, octet, cuts) => {
        const damaged = Buffer.from(octets)
        damaged[at] = octet
        agrees(damaged, cuts, octets)
      },
    ),
    { numRuns: 4000 },
  )
})

/** Where JSON.parse accepts the octets, so do we, with the same result; elsewhere we refuse or see no difference. */
function agrees(damaged: Buffer, cuts: readonly number[], original: Buffer): void {
  const outcome = outcomeOf(() => decodePieces(cut(damaged, cuts)))
  const json = parsed(damaged)
  if (json !== undefined) assert.deepStrictEqual(outcome, expectedOutcome(json.value))
  else if (!('error' in outcome))
    assert.deepStrictEqual(outcome, expectedOutcome(parsed(original)?.value))
  else assert.match(outcome.error, /is not JSON, \d+ bytes beginning with/)
}

function parsed(octets: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(octets.toString('utf8')) }
  } catch {
    return undefined
  }
}

test('a document cut short anywhere is refused', () => {
  const octets = Buffer.from(spell(full, [3, 1, 4, 1, 5, 9, 2, 6]).trimEnd())
  for (let length = 0; length < octets.length; length++) {
    const start = Buffer.from(octets.subarray(0, length))
    assert.throws(
      () => decodePieces(cut(start, [200])),
      /that is not JSON, .*: it ends too early$/s,
    )
  }
})

test('a document with anything behind its end is refused', () => {
  const text = JSON.stringify(plain)
  for (const more of ['}', ',', '{}', '0', '"', text]) {
    assert.throws(() => decodePieces([Buffer.from(`${text} ${more}`)]), /unexpected . at byte/)
  }
})

test('one decoder for many documents says the same of each as one for it alone', () => {
  const series = fc.array(fc.tuple(edits, choices, fc.boolean()), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(series, (steps) => {
      const decoder = createStateDecoder()
      for (const [edits, spelling, keep] of steps) {
        const json = oddlyEdited([full, edits])
        const text = keep ? JSON.stringify(json) : spell(json, spelling)
        const outcome = outcomeOf(() => {
          const decoded = decodePieces(cut(Buffer.from(text), spelling), decoder)
          if (keep) decoded.keep()
          return decoded
        })
        assert.deepStrictEqual(outcome, expectedOutcome(JSON.parse(text)))
      }
    }),
    { numRuns: 500 },
  )
})
