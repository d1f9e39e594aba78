import { MesosNsError } from '../errors.ts'

/** Exit statuses, documented in docs/cli.md; a test keeps the two equal. */
export const EXIT = {
  OK: 0,
  /** Configuration or start-up error, or a self-check that failed. */
  FAILURE: 1,
  /** The command line cannot be understood. */
  USAGE: 2,
  /** `lookup`: the name does not exist. */
  NXDOMAIN: 3,
  /** `lookup`: the name exists, but has no records of that type. */
  NODATA: 4,
  /** `lookup`: the server could not answer. */
  SERVFAIL: 5,
  /** `lookup`: the server does not answer this for us. */
  REFUSED: 6,
  /** `lookup`: any other response code. */
  OTHER_RCODE: 7,
  /** `lookup`: no reply, or none that could be read (dig has the same number). */
  NO_REPLY: 9,
} as const

/** What the process ends with when a command threw. */
export function exitStatusOf(error: unknown): number {
  if (!(error instanceof MesosNsError)) return EXIT.FAILURE
  if (error.code === 'MESOS_NS_USAGE') return EXIT.USAGE
  return error.code === 'MESOS_NS_LOOKUP' ? EXIT.NO_REPLY : EXIT.FAILURE
}
