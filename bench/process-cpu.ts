import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Clock ticks of /proc in a second: USER_HZ, which is 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100

/** What `/proc/PID/stat` says of a process (proc(5)). */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** Seconds of CPU of all its threads, user and system, without its children. */
  readonly cpuSeconds: number
}

/** Parses `/proc/PID/stat`; the second field, the name, may hold spaces and parentheses. */
export function parseStat(text: string): ProcessStat {
  const nameEnds = text.lastIndexOf(')')
  const [, parent, ...rest] = text.slice(nameEnds + 2).split(' ')
  // utime and stime are fields 14 and 15; `rest` begins with the fifth.
  const ticks = Number(rest[9]) + Number(rest[10])
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    cpuSeconds: ticks / TICKS_PER_SECOND,
  }
}

/** Seconds of CPU that a process and all its descendants have used up to now. */
export function cpuSecondsOf(pid: number): number {
  const stats = allStats()
  const family = new Set([pid])
  // Descendants may have lower numbers than their parents, where numbers have begun anew.
  for (let known = 0; known < family.size; ) {
    known = family.size
    for (const { pid: child, parent } of stats) if (family.has(parent)) family.add(child)
  }
  return stats
    .filter(({ pid: each }) => family.has(each))
    .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
}

function allStats(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))]
      } catch {
        // It has ended in the meantime.
        return []
      }
    })
}

/** A process's memory in octets: what is resident, and the most that was since `resetPeak`. */
export interface ProcessMemory {
  readonly resident: number
  readonly peak: number
}

export function memoryOf(pid: number): ProcessMemory {
  return parseMemory(readFileSync(`/proc/${pid}/status`, 'latin1'))
}

/** Parses VmRSS and VmHWM of `/proc/PID/status`. */
export function parseMemory(status: string): ProcessMemory {
  const octets = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
  return { resident: octets('VmRSS'), peak: octets('VmHWM') }
}

/** Forgets the peak so far; false where the kernel or its owner does not let us. */
export function resetPeak(pid: number): boolean {
  try {
    // 5 resets VmHWM (proc(5)).
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}
