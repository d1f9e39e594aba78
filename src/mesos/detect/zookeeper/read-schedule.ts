import type { Clock } from './clock.ts'
import { type Pace, ReadPace } from './read-pace.ts'

export interface ReadScheduleOptions {
  /** Resolves to the milliseconds after which to read again although no watch fired. Never rejects. */
  readonly read: () => Promise<number>
  readonly clock: Clock
  readonly random: () => number
  /** What a watch tells is read after a random part of this: it tells a whole fleet at once. */
  readonly readSpreadMs: number
  /** Of reads that watches ask for. */
  readonly readPace: Pace
}

/** When to read the election: at once, when a watch has fired, and now and then; one read at a time. */
export class ReadSchedule {
  readonly #options: ReadScheduleOptions
  readonly #pace: ReadPace
  #isRunning = false
  #isReading = false
  #readAgain = false
  /** Whether a watch has told of something that is not read yet. */
  #watchFired = false
  #cancelNext: () => void = () => {}

  constructor(options: ReadScheduleOptions) {
    this.#options = options
    this.#pace = new ReadPace(options.readPace)
  }

  /** Reads now, or once more after the read that is under way; goes on until it is stopped. */
  start(): void {
    this.#isRunning = true
    this.#readAgain = true
    if (!this.#isReading) void this.#readWhileAsked()
  }

  /** A read that is under way ends by itself. */
  stop(): void {
    this.#isRunning = false
    this.#cancelNext()
  }

  watchFired(): void {
    if (this.#watchFired || !this.#isRunning) return
    this.#watchFired = true
    if (!this.#isReading) this.#readAfter(this.#turnMs())
  }

  async #readWhileAsked(): Promise<void> {
    this.#isReading = true
    while (this.#readAgain && this.#isRunning) {
      this.#readAgain = false
      this.#watchFired = false
      this.#cancelNext()
      const nextMs = await this.#options.read()
      if (this.#isRunning) this.#readAfter(this.#watchFired ? this.#turnMs() : nextMs)
    }
    this.#isReading = false
  }

  #readAfter(ms: number): void {
    this.#cancelNext()
    if (ms === 0) this.start()
    else this.#cancelNext = this.#options.clock.after(ms, () => this.start())
  }

  /** Milliseconds until what a watch told may be read. */
  #turnMs(): number {
    const { clock, random, readSpreadMs } = this.#options
    return Math.max(random() * readSpreadMs, this.#pace.take(clock.now()))
  }
}
