/** Longest delay of a Node.js timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1

/** What systemd says to a service in its environment (systemd.exec(5)). */
export interface ServiceEnvironment {
  /** Where messages are expected: an absolute path, or `@` and a name in the abstract namespace. */
  readonly socket: string | undefined
  /** Half of the time after which a service that says nothing is taken for hung, in milliseconds. */
  readonly watchdogMs: number | undefined
}

/** Takes it out of `env`: what is started from here must not speak in the name of the service. */
export function takeServiceEnvironment(
  env: Record<string, string | undefined>,
  pid: number,
): ServiceEnvironment {
  const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC, WATCHDOG_PID } = env
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name]
  // sd_watchdog_enabled(3): a process other than the one that is meant has inherited the variables.
  const isMeant = WATCHDOG_PID === undefined || WATCHDOG_PID === String(pid)
  return {
    socket: socket === '' ? undefined : socket,
    watchdogMs: isMeant ? halfOf(WATCHDOG_USEC) : undefined,
  }
}

/** Half of so many microseconds, as sd_watchdog_enabled(3) recommends. */
function halfOf(usec: string | undefined): number | undefined {
  if (usec === undefined || !/^\d+$/.test(usec)) return undefined
  const ms = Math.floor(Number(usec) / 2_000)
  return ms === 0 ? undefined : Math.min(ms, MAX_DELAY)
}
