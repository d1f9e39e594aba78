import {
  ConfigError,
  type ConfigIssue,
  type ConfigSource,
  type ConfigState,
} from '../config/index.ts'
import { MesosNsError } from '../errors.ts'
import type { LastReload, ReloadResult, ReloadsStatus } from '../http/index.ts'
import type { Logger } from '../log.ts'
import { ThreadError } from '../threads/errors.ts'

export type Trigger = LastReload['trigger']

/** Settings by their keys in the file. */
export type Applied = Pick<ReloadResult, 'changed' | 'needsRestart'>

export interface ReloadsOptions {
  /** Settles when the server has started, or failed to: what is asked for before that waits. */
  readonly started: Promise<void>
  readonly source: ConfigSource
  readonly log: Logger
  /** Puts a configuration into effect: all of it that can be, or it rejects and nothing has changed. */
  readonly apply: (next: ConfigState) => Promise<Applied>
  /** A reload begins, and has ended. */
  readonly onBegin: () => void
  readonly onEnd: () => void
  /** What the files hold is in effect, or of no use. */
  readonly onSettled: () => void
}

/** Reads the configuration again when it is told to, one time after another. */
export class Reloads {
  readonly #options: ReloadsOptions
  #running: Promise<unknown>
  /** One that has not begun. */
  #waiting: Promise<ReloadResult> | undefined
  #status: ReloadsStatus = { applied: 0, unchanged: 0, failed: 0, last: undefined }

  constructor(options: ReloadsOptions) {
    this.#options = options
    this.#running = options.started
  }

  get status(): ReloadsStatus {
    return this.#status
  }

  /** Resolves also if it failed. What is asked for while one is under way is one more, for all who ask. */
  reload(trigger: Trigger): Promise<ReloadResult> {
    if (this.#waiting !== undefined) return this.#waiting
    const result = this.#running.then(() => {
      this.#waiting = undefined
      return this.#reload(trigger)
    })
    this.#waiting = result
    this.#running = result
    return result
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #reload(trigger: Trigger): Promise<ReloadResult> {
    const { onBegin, onEnd } = this.#options
    onBegin()
    const result = await this.#attempt()
    this.#report(trigger, result)
    onEnd()
    return result
  }

  async #attempt(): Promise<ReloadResult> {
    const { source, apply, onSettled } = this.#options
    let warnings: ReloadResult['warnings'] = []
    try {
      const loaded = source.load()
      warnings = loaded.warnings
      const applied = await apply({ config: loaded.config, files: source.files })
      onSettled()
      return { status: applied.changed.length > 0 ? 'applied' : 'unchanged', ...applied, warnings }
    } catch (thrown) {
      const error = thrown instanceof MesosNsError ? thrown : unexpected(thrown)
      // A thread that was being replaced is there the next time.
      if (error.code !== 'MESOS_NS_THREAD') onSettled()
      if (error instanceof ConfigError) warnings = error.warnings
      return { status: 'failed', changed: [], needsRestart: [], warnings, error }
    }
  }

  #report(trigger: Trigger, result: ReloadResult): void {
    const { log } = this.#options
    const { status, changed, needsRestart, warnings, error } = result
    this.#status = {
      ...this.#status,
      [status]: this.#status[status] + 1,
      last: { at: Date.now(), trigger, result },
    }
    // Those of a ConfigError are in its message.
    if (!(error instanceof ConfigError)) warn(log, warnings)
    if (error !== undefined) {
      // The message alone: it says it all, and shows no secrets.
      const { message: reason } = error
      log.error({ trigger, reason }, 'reload failed, everything stays as it was')
      return
    }
    if (needsRestart.length > 0) {
      log.warn({ trigger, needsRestart }, 'settings that need a restart are not in effect')
    }
    if (status === 'applied') log.info({ trigger, changed }, 'configuration reloaded')
    else log.info({ trigger }, 'configuration is as it was')
  }
}

/** Tells of settings that work, but probably not as meant. */
export function warn(log: Logger, warnings: readonly ConfigIssue[]): void {
  for (const warning of warnings) log.warn({ ...warning }, 'odd setting in the configuration')
}

function unexpected(thrown: unknown): MesosNsError {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return new ThreadError(`the configuration could not be put into effect: ${text}`, {
    cause: thrown,
  })
}
