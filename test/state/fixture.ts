import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A parsed JSON file of test/fixtures/state. */
export function readFixture(name: string): unknown {
  const path = join(import.meta.dirname, '..', 'fixtures', 'state', `${name}.json`)
  return JSON.parse(readFileSync(path, 'utf8'))
}
