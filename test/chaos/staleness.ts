import type { Span } from './history.ts'

/**
 * How old what is told may be. While nothing is wrong, so old as a change may be that no event tells: an audit
 * finds it, or a poll. Once something is wrong, nobody has to know of what has happened since; but
 * never what was so long before that, and never what was so before it was last seen that all is known.
 */
export class Staleness {
  readonly #allowedMs: number
  /** When all answers were seen to be right. */
  #settledAt: number
  #disturbedAt: number | undefined

  constructor(allowedMs: number, settledAt: number) {
    this.#allowedMs = allowedMs
    this.#settledAt = settledAt
  }

  get settledAt(): number {
    return this.#settledAt
  }

  /** Whether something has gone wrong since all was right. */
  get isDisturbed(): boolean {
    return this.#disturbedAt !== undefined
  }

  /** Something goes wrong. */
  disturbed(at: number): void {
    this.#disturbedAt ??= at
  }

  /** All answers are right, and nothing is wrong any more. */
  settled(at: number): void {
    this.#settledAt = at
    this.#disturbedAt = undefined
  }

  /** The moments that the reply to a query may be of. */
  span(asked: number, answered: number): Span {
    const wasRight = Math.min(asked, this.#disturbedAt ?? asked)
    return { from: Math.max(this.#settledAt, wasRight - this.#allowedMs), to: answered }
  }
}
