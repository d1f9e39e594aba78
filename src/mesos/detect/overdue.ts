import { MesosNsError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { MasterDetector } from './detector.ts'

export interface OverdueOptions {
  /** After the start (`zkDetectionTimeout`); 0 means never. */
  readonly seconds: number
  readonly log: Logger
  /** Told once when the time has passed (`zkStrict`). */
  readonly onOverdue?: ((error: MesosNsError) => void) | undefined
}

/**
 * A detector that says so in the log when it has known no leader for so long after its start, and when
 * it knows one after all. Mesos-DNS ended itself then, and with it the names that a configured master
 * could still have told; whoever wants that is told by `onOverdue`. Once a leader was known nothing is
 * overdue ever again.
 */
export function reportOverdue(
  detector: MasterDetector,
  { seconds, log, onOverdue }: OverdueOptions,
): MasterDetector {
  if (seconds === 0) return detector
  let timer: NodeJS.Timeout | undefined
  let reported = false
  let unsubscribe = () => {}
  const settle = () => {
    if (detector.leader === undefined) return
    clearTimeout(timer)
    unsubscribe()
    if (reported) log.info('leading master detected after all')
  }
  const report = () => {
    reported = true
    const error = detector.status?.lastError
    log.error(
      { seconds, ...(error === undefined ? {} : { error }) },
      'no leading master detected, check zk; configured masters, if any, are asked meanwhile',
    )
    onOverdue?.(overdue(seconds, error))
  }
  return {
    start() {
      unsubscribe = detector.onChange(settle)
      timer = setTimeout(report, seconds * 1000)
      detector.start()
      settle()
    },
    stop() {
      clearTimeout(timer)
      unsubscribe()
      detector.stop()
    },
    get masters() {
      return detector.masters
    },
    get leader() {
      return detector.leader
    },
    get status() {
      return detector.status
    },
    onChange: (listener) => detector.onChange(listener),
  }
}

function overdue(seconds: number, reason: string | undefined): MesosNsError {
  const why = reason === undefined ? '' : ` (${reason})`
  return new MesosNsError(
    'MESOS_NS_LEADER',
    `no leading master detected within the ${seconds} s of zkDetectionTimeout${why}; check zk, or leave zkStrict out to go on waiting`,
  )
}
