import { execFile } from 'node:child_process'
import type { Logger } from '../log.ts'
import type { Channel } from './channel.ts'

/** For systemd-notify to have its message taken, in milliseconds. */
const PATIENCE_MS = 10_000

/**
 * Sends messages by starting systemd-notify, where koffi is missing. It takes a process each, so only what
 * systemd waits for is sent: that the service has started, reloads, ends; a status goes along with the
 * next of these. The unit must allow it (`NotifyAccess=all`), and the watchdog is switched off.
 */
export class ProgramChannel implements Channel {
  readonly #log: Logger
  readonly #program: string
  readonly #env: NodeJS.ProcessEnv
  #last: Promise<void> = Promise.resolve()
  #hasFailed = false
  /** Goes along with the next message. */
  #more = ['WATCHDOG_USEC=0']

  constructor(program: string, socket: string, path: string | undefined, log: Logger) {
    this.#log = log
    this.#program = program
    this.#env = { NOTIFY_SOCKET: socket, ...(path === undefined ? {} : { PATH: path }) }
  }

  /** One after the other; each process ends when systemd has taken its message. */
  send(message: string): void {
    const others = this.#more.filter((line) => !line.startsWith('STATUS='))
    if (message.startsWith('STATUS=')) {
      this.#more = [...others, message]
      return
    }
    const lines = [...message.split('\n'), ...this.#more]
    this.#more = []
    this.#last = this.#last.then(() => this.#run(lines))
  }

  sendNow(): void {}

  close(): void {}

  #run(assignments: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const options = { env: this.#env, timeout: PATIENCE_MS }
      execFile(this.#program, ['--', ...assignments], options, (err) => {
        if (err !== null && !this.#hasFailed) {
          this.#hasFailed = true
          const text =
            'systemd cannot be told how the service fares: koffi is not installed, and systemd-notify failed; ' +
            'install koffi, or set Type=exec and WatchdogSec=0 in the unit'
          this.#log.warn({ err }, text)
        }
        resolve()
      })
    })
  }
}
