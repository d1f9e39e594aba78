import { spawnSync } from 'node:child_process'

/** The first version number that a program prints when asked for it; empty if it prints none. */
export function versionOf(program: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 })
  return firstVersion(`${stdout}\n${stderr}`)
}

export function firstVersion(text: string): string {
  return /\d+\.\d+(?:\.\d+)*(?:-[a-z]+[\d.]*)?/.exec(text)?.[0] ?? ''
}
