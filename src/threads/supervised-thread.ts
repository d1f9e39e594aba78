import type { Transferable, Worker } from 'node:worker_threads'
import type { Logger } from '../log.ts'
import { RestartBackoff } from './backoff.ts'
import { ThreadError } from './errors.ts'
import { writeRelayed } from './log-relay.ts'
import type { ControlMessage, ThreadMessage } from './messages.ts'
import { revivedError } from './plain-error.ts'
import { Pulse } from './pulse.ts'
import { Requests } from './requests.ts'

/** Rounds after which a thread hangs: until it does its work, and later without an answer. */
export interface Patience {
  readonly starting: number
  readonly running: number
}

export interface SupervisedThreadOptions<Up> {
  /** For people. */
  readonly name: string
  readonly log: Logger
  /** Added to the lines that the thread itself logs. */
  readonly logContext?: Readonly<Record<string, unknown>>
  readonly patience: Patience
  /** Makes the thread, and each replacement. */
  readonly spawn: () => Worker
  /** Called with what the thread posts for its user. */
  readonly onMessage: (message: Up) => void
  /** The thread has ended; a replacement may follow, but has not been made yet. */
  readonly onEnd?: () => void
}

/**
 * A worker thread that is replaced when it dies or hangs: at once, and with growing pauses if the
 * replacements die as well, for as long as it takes.
 */
export class SupervisedThread<
  Down extends { readonly kind: string },
  Up extends { readonly kind: string },
> {
  readonly name: string
  readonly #options: SupervisedThreadOptions<Up>
  readonly #backoff = new RestartBackoff()
  readonly #requests = new Requests()
  #worker: Worker | undefined
  #pulse: Pulse
  #begun = 0
  #ready = false
  /** Why its thread was given up, while that one is still there. */
  #condemned: Error | undefined
  #restarts = 0
  #restart: NodeJS.Timeout | undefined
  #stopping: Promise<void> | undefined
  #first: { resolve(): void; reject(error: Error): void } | undefined
  #exited: () => void = () => {}
  /** Called when it does its work, or never will. */
  readonly #waiting = new Set<() => void>()

  constructor(options: SupervisedThreadOptions<Up>) {
    this.#options = options
    this.name = options.name
    this.#pulse = new Pulse(options.patience.starting)
  }

  /** How many times it has been replaced. */
  get restarts(): number {
    return this.#restarts
  }

  /** Whether there is a thread that does its work. */
  get running(): boolean {
    return this.#ready
  }

  /**
   * Starts it. Resolves when it does its work; rejects if it ends before that, and then it is not
   * replaced: what stands in the way of a start must be seen at the start.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject }
      this.#spawn()
    })
  }

  /** Resolves once it does its work; with false if it does not after so many milliseconds, or is being stopped. */
  async whenRunning(ms: number): Promise<boolean> {
    if (this.#ready || this.#stopping !== undefined) return this.#ready
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(late)
        this.#waiting.delete(done)
        resolve()
      }
      const late = setTimeout(done, ms)
      this.#waiting.add(done)
    })
    return this.#ready
  }

  /** Posts to the thread; to nobody while there is none. */
  post(message: Down, transfer: readonly Transferable[] = []): void {
    this.#worker?.postMessage(message, [...transfer])
  }

  /** Puts a request to the thread. Rejects if it fails there, and if the thread ends before it replies. */
  request(message: (id: number) => Down): Promise<unknown> {
    if (this.#worker === undefined) return Promise.reject(new ThreadError(this.#endedText()))
    return this.#requests.request((id) => this.post(message(id)))
  }

  /** One round of supervision: a thread that has not answered for some rounds is ended and replaced. */
  check(): void {
    const worker = this.#worker
    if (worker === undefined || this.#stopping !== undefined) return
    const action = this.#pulse.round()
    if (action === 'ping') this.#control({ kind: 'ping' })
    else if (action === 'hung') this.replace(new ThreadError('it did not respond'))
  }

  /** Ends the thread because of a fault in what it does, and replaces it. */
  replace(fault: Error): void {
    if (this.#condemned !== undefined) return
    this.#condemned = fault
    void this.#worker?.terminate()
  }

  /**
   * Lets the thread finish what it has in hand and end; one that takes longer than `graceMs` is ended.
   * Resolves when it has ended. Safe to call twice; the first grace to end counts.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop()
    const worker = this.#worker
    const late = setTimeout(() => {
      if (worker === undefined) return
      this.#options.log.warn({ thread: this.name }, 'thread did not stop in time and was ended')
      void worker.terminate()
    }, graceMs)
    await this.#stopping
    clearTimeout(late)
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restart)
    for (const done of this.#waiting) done()
    if (this.#worker === undefined) return
    const exited = new Promise<void>((resolve) => {
      this.#exited = resolve
    })
    this.#control({ kind: 'stop' })
    await exited
  }

  #control(message: ControlMessage): void {
    this.#worker?.postMessage(message)
  }

  #spawn(): void {
    let fault: unknown
    this.#begun = performance.now()
    this.#condemned = undefined
    this.#pulse = new Pulse(this.#options.patience.starting)
    try {
      const worker = this.#options.spawn()
      this.#worker = worker
      worker.on('message', (message: ThreadMessage | Up) => {
        if (message.kind === 'failed') fault = revivedError((message as Failed).error)
        else this.#receive(message)
      })
      worker.on('error', (error) => {
        fault = error
      })
      worker.once('exit', (code) =>
        this.#ended(this.#condemned ?? fault ?? `it ended with status ${code}`),
      )
    } catch (error) {
      this.#ended(error)
    }
  }

  #receive(message: ThreadMessage | Up): void {
    const known = message as ThreadMessage
    if (known.kind === 'log') writeRelayed(this.#options.log, known, this.#options.logContext)
    else if (known.kind === 'pong') {
      // One that starts may answer and yet wait in vain for something: it is to be ready in time.
      if (this.#ready) this.#pulse.answered()
    } else if (known.kind === 'reply') this.#requests.settle(known)
    else if (known.kind === 'ready') this.#started()
    else this.#options.onMessage(message as Up)
  }

  #started(): void {
    this.#ready = true
    this.#pulse = new Pulse(this.#options.patience.running)
    if (this.#first !== undefined) this.#first.resolve()
    else this.#options.log.info({ thread: this.name }, 'thread replaced')
    this.#first = undefined
    for (const done of this.#waiting) done()
  }

  #ended(fault: unknown): void {
    const { log, onEnd } = this.#options
    this.#worker = undefined
    this.#ready = false
    const cause = fault instanceof Error ? { err: fault } : { reason: fault }
    this.#requests.rejectAll(new ThreadError(this.#endedText(), { cause: fault }))
    onEnd?.()
    if (this.#stopping !== undefined || this.#first !== undefined) {
      if (fault instanceof Error && this.#stopping !== undefined) {
        log.error({ thread: this.name, ...cause }, 'thread failed while it stopped')
      }
      this.#first?.reject(fault instanceof Error ? fault : new ThreadError(this.#endedText()))
      this.#first = undefined
      this.#exited()
      return
    }
    const delayMs = this.#backoff.delayAfter(performance.now() - this.#begun)
    this.#restarts++
    log.error({ thread: this.name, ...cause, restarts: this.#restarts, delayMs }, 'thread ended')
    this.#restart = setTimeout(() => this.#spawn(), delayMs)
  }

  #endedText(): string {
    return `the ${this.name} thread has ended and is being replaced; try again`
  }
}

type Failed = Extract<ThreadMessage, { readonly kind: 'failed' }>
