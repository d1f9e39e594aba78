import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version in package.json, which lies two folders above both src/cli and dist/cli. */
export function packageVersion(): string {
  const path = join(import.meta.dirname, '..', '..', 'package.json')
  const manifest: { readonly version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return manifest.version
}
