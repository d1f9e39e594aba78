import type { Logger } from '../../log.ts'
import type { MasterDetector } from './detector.ts'

/**
 * A detector that says so in the log when it has known no leader for so many seconds after its start
 * (`zkDetectionTimeout`; 0 means never), and when it knows one after all. Mesos-DNS ended itself then,
 * and with it the names that a configured master could still have told.
 */
export function reportOverdue(
  detector: MasterDetector,
  seconds: number,
  log: Logger,
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
  return {
    start() {
      unsubscribe = detector.onChange(settle)
      timer = setTimeout(() => {
        reported = true
        log.error(
          { seconds },
          'no leading master detected, check zk; configured masters, if any, are asked meanwhile',
        )
      }, seconds * 1000)
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
    onChange: (listener) => detector.onChange(listener),
  }
}
