/** What counts up is told no more often than this. */
const COUNTERS_MS = 1_000

/** Decides when somebody is told how things stand: of news at once, of what merely counts up once a second. */
export class StatusFeed {
  readonly #send: () => void
  #timer: NodeJS.Timeout | undefined
  #isDue = false
  #isStopped = false

  constructor(send: () => void) {
    this.#send = send
  }

  /** Several in one turn are told as one. */
  news(): void {
    if (this.#isDue || this.#isStopped) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.#tell()
    })
  }

  counted(): void {
    if (this.#isStopped) return
    this.#timer ??= setTimeout(() => this.#tell(), COUNTERS_MS)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#isStopped) this.#send()
  }
}
