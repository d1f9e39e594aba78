import type { Terminal } from './terminal.ts'

/** Numbers of the signals that ask a process to end; its status is then 128 + the number. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

/** Resolves with the first SIGINT or SIGTERM; the second one ends the process at once. */
export function untilSignal(terminal: Terminal): Promise<string> {
  return new Promise((resolve) => {
    let signalled = false
    for (const [signal, number] of Object.entries(SIGNALS)) {
      process.on(signal, () => {
        if (signalled) {
          terminal.complain(`second signal (${signal}), ending at once`)
          process.exit(128 + number)
        }
        signalled = true
        resolve(signal)
      })
    }
  })
}

/** Calls back on each SIGHUP, which otherwise ends a process; returns what ends that. */
export function onHangup(callback: () => void): () => void {
  process.on('SIGHUP', callback)
  return () => process.off('SIGHUP', callback)
}
