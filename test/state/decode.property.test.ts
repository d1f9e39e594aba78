import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import { readFixture } from './fixture.ts'

type Path = readonly (string | number)[]

/** Every place in a document, the document itself included. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))
  return [path, ...inner]
}

function replaceAt(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.with(Number(key), replaceAt(value[Number(key)], rest, by))
  const object = value as Record<string, unknown>
  return { ...object, [key]: replaceAt(object[key], rest, by) }
}

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
