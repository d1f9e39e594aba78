import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import { readFixture } from './fixture.ts'
import { pathsOf, replaceAt } from './paths.ts'

const decoders = [
  ['decodeState', decodeState, readFixture('full')],
  ['decodeV1State', decodeV1State, readFixture('full.v1')],
] as const

for (const [name, decode, fixture] of decoders) {
  const decodes = (json: unknown) => {
    try {
      const state = decode(json, new Report())
      for (const { tasks } of state.frameworks) {
        for (const task of tasks) assert.ok(task.ports.every(Number.isInteger))
      }
    } catch (error) {
      if (!(error instanceof StateFormatError)) throw error
    }
  }

  test(`${name} throws nothing but StateFormatError on any JSON`, () => {
    fc.assert(fc.property(fc.jsonValue(), decodes), { numRuns: 300 })
  })

  test(`${name} survives any value in any place of a real state`, () => {
    const place = fc.constantFrom(...pathsOf(fixture))
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('', '@', '[', '[1-2', '__proto__', -1, 1e300, 0.5),
    )
    fc.assert(
      fc.property(place, value, (path, by) => decodes(replaceAt(fixture, path, by))),
      { numRuns: 1500 },
    )
  })
}
