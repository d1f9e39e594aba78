import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Path of a file in the reference material that lies beside a developer's checkout, or undefined where
 * there is none: tests that compare with it then skip.
 */
export function sharedPath(name: string): string | undefined {
  const path = join(import.meta.dirname, '..', '..', 'shared', name)
  return existsSync(path) ? path : undefined
}
