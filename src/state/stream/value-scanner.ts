import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isSpace,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './octets.ts'

/** A state has ten levels or so; without a limit, 2 GiB of brackets would need as much memory. */
const MAX_DEPTH = 4096

/** What an octet outside of strings does. */
const [NOTHING, STRING, OPENS, CLOSES] = [0, 1, 2, 3] as const
const EFFECT = new Uint8Array(256)
EFFECT[QUOTE] = STRING
EFFECT[OPEN_LIST] = OPENS
EFFECT[OPEN_OBJECT] = OPENS
EFFECT[CLOSE_LIST] = CLOSES
EFFECT[CLOSE_OBJECT] = CLOSES

/**
 * Finds where a JSON value ends, in octets that may come in any pieces. It sees strings, escapes and
 * brackets, and that each bracket is closed by its like; whether the rest is JSON is for a parser to say.
 */
export class ValueScanner {
  /** Whether the value has ended. A number or literal ends only where something else follows. */
  done = true
  /** What is wrong with the brackets. */
  failure: string | undefined
  #scalar = false
  #inString = false
  #escaped = false
  #depth = 0
  readonly #open = new Uint8Array(MAX_DEPTH)

  /** Begins with a value of this first octet, which `scan` is still to be given. */
  begin(first: number): void {
    this.done = false
    this.failure = undefined
    this.#scalar = EFFECT[first] === NOTHING
    this.#inString = false
    this.#escaped = false
    this.#depth = 0
  }

  /** Whether only an octet that is no part of it, or the end of the document, ends the value. */
  get endsWithNext(): boolean {
    return this.#scalar
  }

  /** Goes on at `at`; returns where the value ended, or `octets.length` if it is not `done`. */
  scan(octets: Uint8Array, at: number): number {
    return this.#scalar ? this.#scanScalar(octets, at) : this.#scanNested(octets, at)
  }

  #scanScalar(octets: Uint8Array, from: number): number {
    for (let at = from; at < octets.length; at++) {
      const octet = octets[at] as number
      const ends = octet === COMMA || octet === COLON || EFFECT[octet] !== NOTHING || isSpace(octet)
      if (!ends) continue
      this.done = true
      return at
    }
    return octets.length
  }

  /** The hot loop: every octet that is not recognized as known goes through it. */
  #scanNested(octets: Uint8Array, from: number): number {
    const end = octets.length
    const open = this.#open
    let depth = this.#depth
    let at = from
    if (this.#inString) {
      at = this.#scanString(octets, this.#escaped ? from + 1 : from)
      if (this.#inString) return end
      if (depth === 0) return this.#end(at)
    }
    while (at < end) {
      const octet = octets[at++] as number
      const effect = EFFECT[octet]
      if (effect === NOTHING) continue
      if (effect === STRING) {
        for (;;) {
          if (at >= end) return this.#pause(octets, at, depth)
          const inner = octets[at++]
          if (inner === QUOTE) break
          if (inner === BACKSLASH) at++
        }
        if (depth === 0) return this.#end(at)
      } else if (effect === OPENS) {
        if (depth === MAX_DEPTH) return this.#fail(at - 1, `nested deeper than ${MAX_DEPTH} levels`)
        open[depth++] = octet
      } else {
        // In ASCII each closing bracket is two after its opening one.
        if (depth === 0 || octet !== (open[--depth] as number) + 2) {
          return this.#fail(at - 1, `unexpected ${String.fromCharCode(octet)}`)
        }
        if (depth === 0) return this.#end(at)
      }
    }
    this.#depth = depth
    return end
  }

  /** Goes on inside a string; returns where it ended. */
  #scanString(octets: Uint8Array, from: number): number {
    let at = from
    while (at < octets.length) {
      const octet = octets[at++]
      if (octet === QUOTE) {
        this.#inString = false
        return at
      }
      if (octet === BACKSLASH) at++
    }
    return this.#pause(octets, at, this.#depth)
  }

  /** The octets end inside a string, at `at` or, after a backslash, one before. */
  #pause(octets: Uint8Array, at: number, depth: number): number {
    this.#inString = true
    this.#escaped = at > octets.length
    this.#depth = depth
    return octets.length
  }

  #end(at: number): number {
    this.done = true
    return at
  }

  #fail(at: number, what: string): number {
    this.failure = what
    return at
  }
}
