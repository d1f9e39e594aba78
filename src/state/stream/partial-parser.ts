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
import { compilePattern, findMember, type MembersPattern, type Pattern } from './pattern.ts'
import type { StringPool } from './string-pool.ts'
import { ValueScanner } from './value-scanner.ts'
import type { Wanted } from './wanted.ts'

/** Returned in place of a value where the rest of it is not there, or is not as JSON should be. */
export const GAVE_UP = Symbol('gave up')

const MINUS = 0x2d
const DOT = 0x2e
/** As many digits as are exact in a double, and so is a power of ten up to 22: one division rounds right. */
const MAX_DIGITS = 15
/** 1 for the octets that end a string or make it out of the ordinary: quotes, escapes, what is not ASCII or not allowed. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet === QUOTE || octet === BACKSLASH || octet < 0x20 || octet >= 0x80 ? 1 : 0,
)
const LITERALS: ReadonlyMap<number | undefined, readonly [octets: Buffer, value: unknown]> =
  new Map([
    [0x74, [Buffer.from('true'), true]],
    [0x66, [Buffer.from('false'), false]],
    [0x6e, [Buffer.from('null'), null]],
  ])

/**
 * Parses those parts of a JSON value that are wanted, straight from its octets. What is not wanted is skipped, with
 * only its strings and brackets checked. Takes a fraction of the time of JSON.parse and of what the collector then does.
 *
 * It gives up on whatever is out of the ordinary, and on all JSON that is wrong in a part that is wanted; the whole
 * value has then to be parsed.
 */
export class PartialParser {
  /** Where the value that was parsed last ended. */
  end = 0
  readonly #pattern: Pattern
  readonly #strings: StringPool
  readonly #scanner = new ValueScanner()
  #octets: Buffer = Buffer.alloc(0)

  constructor(wanted: Wanted, strings: StringPool) {
    this.#pattern = compilePattern(wanted)
    this.#strings = strings
  }

  /** What is wanted of the value at `at`, or GAVE_UP. Throws SyntaxError for a string with a wrong escape. */
  parse(octets: Buffer, at: number): unknown {
    this.#octets = octets
    this.end = at
    return this.#value(this.#pattern)
  }

  #value(pattern: Pattern): unknown {
    const octet = this.#octets[this.end]
    if (octet === QUOTE) return this.#string(pattern.kind !== 'unique')
    if (octet === OPEN_OBJECT) {
      if (pattern.kind === 'members') return this.#members(pattern)
      if (pattern.kind === 'presence') return this.#skip() ? {} : GAVE_UP
      return this.#parsed()
    }
    if (octet === OPEN_LIST) {
      return pattern.kind === 'elements' ? this.#elements(pattern.each) : this.#parsed()
    }
    const literal = LITERALS.get(octet)
    return literal === undefined ? this.#number() : this.#literal(...literal)
  }

  #members(pattern: MembersPattern): unknown {
    const octets = this.#octets
    const object = { ...pattern.template }
    this.end++
    let octet = this.#afterSpace()
    if (octet === CLOSE_OBJECT) {
      this.end++
      return object
    }
    for (;;) {
      if (octet !== QUOTE) return GAVE_UP
      const from = this.end + 1
      const to = endOfName(octets, from)
      this.end = to + 1
      if (to < 0 || this.#afterSpace() !== COLON) return GAVE_UP
      this.end++
      this.#afterSpace()
      const member = findMember(pattern, octets, from, to)
      if (member === undefined) {
        if (!this.#skip()) return GAVE_UP
      } else {
        const value = this.#value(member.pattern)
        if (value === GAVE_UP) return GAVE_UP
        object[member.name] = value
      }
      octet = this.#afterSpace()
      this.end++
      if (octet === CLOSE_OBJECT) return object
      if (octet !== COMMA) return GAVE_UP
      octet = this.#afterSpace()
    }
  }

  #elements(each: Pattern): unknown {
    const list: unknown[] = []
    this.end++
    if (this.#afterSpace() === CLOSE_LIST) {
      this.end++
      return list
    }
    for (;;) {
      const value = this.#value(each)
      if (value === GAVE_UP) return GAVE_UP
      list.push(value)
      const octet = this.#afterSpace()
      this.end++
      if (octet === CLOSE_LIST) return list
      if (octet !== COMMA) return GAVE_UP
      this.#afterSpace()
    }
  }

  #string(pooled: boolean): unknown {
    const octets = this.#octets
    const from = this.end + 1
    let at = from
    let hash = 0
    while (at < octets.length && SPECIAL[octets[at] as number] === 0) {
      hash = Math.imul(hash ^ (octets[at++] as number), 0x9e37_79b1)
    }
    const octet = octets[at]
    if (octet === QUOTE) {
      this.end = at + 1
      return pooled
        ? this.#strings.get(octets, from, at, hash)
        : octets.toString('latin1', from, at)
    }
    return octet === undefined || octet < 0x20 ? GAVE_UP : this.#parsed()
  }

  #number(): unknown {
    const octets = this.#octets
    let at = this.end
    const negative = octets[at] === MINUS
    if (negative) at++
    const first = at
    let value = 0
    let point = -1
    for (; ; at++) {
      const octet = octets[at] as number
      if (octet >= 0x30 && octet <= 0x39) value = value * 10 + octet - 0x30
      else if (octet === DOT && point < 0 && at > first) point = at
      else break
    }
    const octet = octets[at]
    const ends = octet === COMMA || octet === CLOSE_OBJECT || octet === CLOSE_LIST
    const zeroFirst = octets[first] === 0x30 && at > first + 1 && point !== first + 1
    const plain = ends && at > first && at - first <= MAX_DIGITS && !zeroFirst && point !== at - 1
    if (!plain) return this.#parsed()
    this.end = at
    if (point >= 0) value /= 10 ** (at - point - 1)
    return negative ? -value : value
  }

  #literal(spelling: Buffer, value: unknown): unknown {
    const octets = this.#octets
    for (let i = 0; i < spelling.length; i++) {
      if (octets[this.end + i] !== spelling[i]) return GAVE_UP
    }
    this.end += spelling.length
    return value
  }

  /** The whole value, as JSON.parse has it. */
  #parsed(): unknown {
    const from = this.end
    if (!this.#skip()) return GAVE_UP
    const value: unknown = JSON.parse(this.#octets.toString('utf8', from, this.end))
    return value
  }

  /** Goes behind the value; false if it does not end. */
  #skip(): boolean {
    const from = this.end
    if (from >= this.#octets.length) return false
    this.#scanner.begin(this.#octets[from] as number)
    this.end = this.#scanner.scan(this.#octets, from)
    return this.#scanner.done && this.end > from
  }

  /** Goes on to what is no blank, and returns it. */
  #afterSpace(): number | undefined {
    let octet = this.#octets[this.end]
    while (octet !== undefined && isSpace(octet)) octet = this.#octets[++this.end]
    return octet
  }
}

/** Position of the quote that ends a name, -1 if it has none or is one of the rare names that are out of the ordinary. */
function endOfName(octets: Uint8Array, from: number): number {
  let at = from
  while (at < octets.length && SPECIAL[octets[at] as number] === 0) at++
  return octets[at] === QUOTE ? at : -1
}
