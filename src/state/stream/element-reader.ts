import { Report } from '../../report.ts'
import { ElementLog } from './element-log.ts'
import type { OctetHash } from './octet-hash.ts'
import { OPEN_OBJECT } from './octets.ts'
import { GAVE_UP, type PartialParser } from './partial-parser.ts'
import { sameValue } from './same-value.ts'

/** What agents and tasks differ in. */
export interface ElementKind<T extends { readonly id: string }> {
  /** Parses what `decode` looks at. */
  readonly parser: PartialParser
  /** `undefined` for one that has to be left out. */
  decode(json: unknown, report: Report): T | undefined
  /** Kind of the problem when one is too large. */
  readonly tooLarge: { readonly kind: string; readonly detail: string }
}

/**
 * Reads the elements of a kind, agents or tasks, of one document. Those whose octets the last document
 * had too are the same objects as then; so are those that have other octets but decode to the same.
 *
 * Documents change little from one to the next, so the element after the one that was recognized last
 * is expected next, and one look at as many octets as that had is enough for it: no scanning.
 */
export class ElementReader<T extends { readonly id: string }> {
  readonly log = new ElementLog<T>()
  readonly #kind: ElementKind<T>
  readonly #last: ElementLog<T>
  readonly #hash: OctetHash
  readonly #report = new Report()
  /** Where in the last document the next element is expected. */
  #expected = 0

  constructor(kind: ElementKind<T>, last: ElementLog<T>, hash: OctetHash) {
    this.#kind = kind
    this.#last = last
    this.#hash = hash
  }

  /**
   * Takes the element that begins at `at` if it is an object and the octets hold all of it. Returns where
   * it ends; 0 if the end has yet to be found.
   */
  takeAt(octets: Buffer, at: number, maxLength: number): number {
    if (octets[at] !== OPEN_OBJECT) return 0
    return this.#takeExpected(octets, at) || this.#takeNew(octets, at, maxLength)
  }

  /** Takes the element `octets[from..to)`. Throws SyntaxError if it is not JSON. */
  take(octets: Buffer, from: number, to: number): void {
    if (this.#recognize(octets, from, to)) return
    this.#decode(this.#parse(octets, from, to), to - from)
  }

  #parse(octets: Buffer, from: number, to: number): unknown {
    const { parser } = this.#kind
    // The parser takes no end: only of an object is it sure to see where that is.
    const json = octets[from] === OPEN_OBJECT ? parser.parse(octets, from) : GAVE_UP
    return json === GAVE_UP || parser.end !== to
      ? JSON.parse(octets.toString('utf8', from, to))
      : json
  }

  #takeExpected(octets: Buffer, at: number): number {
    const length = this.#last.lengthAt(this.#expected)
    // Octets are as many as they were then: that an object ends there is sure, of a number it is not.
    if (length === 0 || at + length > octets.length) return 0
    this.#hash.of(octets, at, at + length)
    if (!this.#last.isAt(this.#expected, this.#hash.low, this.#hash.high, length)) return 0
    this.#repeat(this.#expected, length)
    return at + length
  }

  #takeNew(octets: Buffer, at: number, maxLength: number): number {
    const { parser } = this.#kind
    const json = parser.parse(octets, at)
    const { end } = parser
    if (json === GAVE_UP || end - at > maxLength) return 0
    if (!this.#recognize(octets, at, end)) this.#decode(json, end - at)
    return end
  }

  #recognize(octets: Buffer, from: number, to: number): boolean {
    this.#hash.of(octets, from, to)
    const known = this.#last.find(this.#hash.low, this.#hash.high, to - from)
    if (known >= 0) this.#repeat(known, to - from)
    return known >= 0
  }

  /** Notes an element that is larger than anything we take in. */
  skipTooLarge(): void {
    const { kind, detail } = this.#kind.tooLarge
    this.log.add(0, 0, 0, undefined)
    this.log.setProblems([{ kind, object: '', detail }])
  }

  #repeat(position: number, length: number): void {
    this.log.add(this.#hash.low, this.#hash.high, length, this.#last.values[position])
    const problems = this.#last.problemsOf(position)
    if (problems.length > 0) this.log.setProblems(problems)
    this.#expected = position + 1
  }

  #decode(json: unknown, length: number): void {
    const { low, high } = this.#hash
    const value = this.#kind.decode(json, this.#report)
    this.log.add(low, high, length, value === undefined ? undefined : this.#unchanged(value))
    const { problems } = this.#report
    if (problems.length > 0) this.log.setProblems(problems.splice(0))
  }

  /** The object of the last document that says the same, or this one. */
  #unchanged(value: T): T {
    if (this.#last.length === 0) return value
    let position = this.#expected
    if (this.#last.values[position]?.id !== value.id) {
      position = this.#last.findId(value.id, ({ id }) => id)
      if (position < 0) return value
    }
    this.#expected = position + 1
    const before = this.#last.values[position]
    return before !== undefined && sameValue(before, value) ? before : value
  }
}
