/**
 * A JSON reader (RFC 8259) for files that people write: it keeps where every value stands, every
 * member of an object in order (duplicates included, which JSON.parse hides), and says in plain words
 * what is wrong where. JSON.parse's own errors name a place only sometimes, and differently in each
 * release of Node.js.
 */
import { Fault } from './issue.ts'

interface Located {
  /** Index of its first character in the text. */
  readonly offset: number
}

export type JsonNode =
  | (Located & { readonly kind: 'scalar'; readonly value: null | boolean | number | string })
  | (Located & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (Located & { readonly kind: 'object'; readonly members: readonly JsonMember[] })

export interface JsonMember {
  readonly key: string
  readonly value: JsonNode
}

/** A syntax error; `offset` is the index of the character that does not belong there. */
export class JsonFault extends Fault {
  readonly offset: number

  constructor(offset: number, message: string, fix: string) {
    super(message, fix)
    this.offset = offset
  }
}

/** Deeper than any configuration, and shallow enough for the stack. */
const MAX_DEPTH = 64

/** Reads one JSON value that fills the whole text; throws a JsonFault. */
export function readJson(text: string): JsonNode {
  const reader = new Reader(text)
  const node = reader.value(0)
  reader.end()
  return node
}

/** 1-based line and column of an offset. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/** The plain JavaScript value of a node; of duplicate members the last one counts. */
export function plain(node: JsonNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'array') return node.items.map(plain)
  const object: Record<string, unknown> = Object.create(null)
  for (const { key, value } of node.members) object[key] = plain(value)
  return object
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[A-Za-z_$][\w$]*/y
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1
  }

  value(depth: number): JsonNode {
    this.#blank()
    const offset = this.#at
    if (depth > MAX_DEPTH) {
      throw new JsonFault(offset, 'is nested too deeply', `use at most ${MAX_DEPTH} levels`)
    }
    const char = this.#text[offset]
    if (char === '{') return { kind: 'object', offset, members: this.#members(depth) }
    if (char === '[') return { kind: 'array', offset, items: this.#items(depth) }
    if (char === '"') return { kind: 'scalar', offset, value: this.#string() }
    return { kind: 'scalar', offset, value: this.#literal() }
  }

  end(): void {
    this.#blank()
    if (this.#at < this.#text.length) {
      throw this.#fault('something follows the end of the JSON value', 'remove it')
    }
  }

  #members(depth: number): JsonMember[] {
    const members: JsonMember[] = []
    this.#list('}', () => {
      if (this.#text[this.#at] !== '"') {
        throw this.#fault('expected a key', 'write keys in double quotes')
      }
      const key = this.#string()
      this.#blank()
      if (this.#text[this.#at] !== ':') {
        throw this.#fault('expected ":" after a key', 'put a colon there')
      }
      this.#at++
      members.push({ key, value: this.value(depth + 1) })
    })
    return members
  }

  #items(depth: number): JsonNode[] {
    const items: JsonNode[] = []
    this.#list(']', () => {
      items.push(this.value(depth + 1))
    })
    return items
  }

  /** Reads what stands between brackets, the opening one being next. */
  #list(close: '}' | ']', element: () => void): void {
    const open = this.#at++
    this.#blank()
    while (this.#text[this.#at] !== close) {
      element()
      this.#blank()
      if (this.#text[this.#at] === ',') {
        const comma = this.#at++
        this.#blank()
        if (this.#text[this.#at] === close) {
          throw new JsonFault(comma, `a comma stands before "${close}"`, 'remove the comma')
        }
      } else if (this.#at >= this.#text.length) {
        throw new JsonFault(
          open,
          `this "${this.#text[open]}" is never closed`,
          `add the missing "${close}"`,
        )
      } else if (this.#text[this.#at] !== close) {
        throw this.#fault(`expected "," or "${close}"`, 'check for a missing comma before it')
      }
    }
    this.#at++
  }

  #string(): string {
    const open = this.#at++
    let value = ''
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === '\n') {
        throw new JsonFault(open, 'this string is never closed', 'add the missing double quote')
      }
      if (char < ' ') {
        throw this.#fault('a control character stands in a string', 'write it as an escape, \\t')
      }
      this.#at++
      if (char === '"') return value
      value += char === '\\' ? this.#escape() : char
    }
  }

  #escape(): string {
    const char = this.#text[this.#at++] ?? ''
    const simple = ESCAPES[char]
    if (simple !== undefined) return simple
    const hex = /^[0-9a-fA-F]{4}/.exec(this.#text.slice(this.#at, this.#at + 4))
    if (char !== 'u' || hex === null) {
      throw new JsonFault(
        this.#at - 2,
        'this is no JSON escape',
        'write a backslash itself as two, \\\\',
      )
    }
    this.#at += 4
    return String.fromCharCode(Number.parseInt(hex[0], 16))
  }

  #literal(): null | boolean | number {
    const number = this.#match(NUMBER)
    if (number !== undefined) return Number(number)
    const start = this.#at
    const word = this.#match(WORD)
    if (word === 'true') return true
    if (word === 'false') return false
    if (word === 'null') return null
    this.#at = start
    throw this.#fault(
      'expected a value',
      word === undefined
        ? 'write a string in double quotes, a number, true, false, a list or an object'
        : 'put text in double quotes; true, false and null are lower case',
    )
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #blank(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '-')) this.#at++
  }

  #fault(message: string, fix: string): JsonFault {
    if (this.#at >= this.#text.length) {
      return new JsonFault(this.#at, `${message}, but the text ends`, 'write the rest of it')
    }
    const char = this.#text[this.#at] ?? ''
    if (/^(\/\/|\/\*|#)/.test(this.#text.slice(this.#at, this.#at + 2))) {
      return new JsonFault(this.#at, 'JSON has no comments', 'remove the comment')
    }
    return new JsonFault(this.#at, `${message}, found ${JSON.stringify(char)}`, fix)
  }
}
