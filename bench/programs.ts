import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The programs that benchmarks run, each with the Debian packages that hold what it needs. */
const PACKAGES = {
  cc: 'gcc libc6-dev',
  dnsmasq: 'dnsmasq-base',
  dnsperf: 'dnsperf',
  knotd: 'knot',
  nsd: 'nsd',
  unbound: 'unbound',
} as const

export type ProgramName = keyof typeof PACKAGES

/** Where Debian keeps daemons; a user's PATH may lack it. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin']

/** Where a program is; undefined if it is not installed. */
export function findProgram(name: ProgramName): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Where a program is. Throws with the package to install if it is nowhere. */
export function pathOf(name: ProgramName): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(missingPrograms([name]) ?? name)
  return path
}

/** Which of these are not installed and how to get them; undefined if all are. */
export function missingPrograms(
  names: readonly ProgramName[],
  find: (name: ProgramName) => string | undefined = findProgram,
): string | undefined {
  const absent = [...new Set(names)].filter((name) => find(name) === undefined)
  if (absent.length === 0) return undefined
  const packages = [...new Set(absent.map((name) => PACKAGES[name]))].join(' ')
  return `${absent.join(', ')} not found: apt-get install ${packages}`
}
