import { type Container, type Frame, frameOf, ObjectFrame } from './frame.ts'
import type { Elements, Layout, ObjectLayout } from './layout.ts'
import {
  asBuffer,
  beginsValue,
  COLON,
  COMMA,
  isSpace,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './octets.ts'
import { TokenBuffer } from './token-buffer.ts'
import { ValueScanner } from './value-scanner.ts'

/** What has to come next, besides blanks. */
type Expected =
  | 'value'
  | 'value or end'
  | 'key'
  | 'key or end'
  | 'colon'
  | 'comma or end'
  | 'nothing'

/** What the value is that is being scanned. */
type Token = 'none' | 'key' | 'value' | 'element' | 'skipped'

/**
 * Reads a JSON document that comes in pieces, as far as its layout says that something counts: hands on the elements of
 * lists one by one, and makes an outline of the rest. Everything else is skipped: of that, strings and brackets are
 * checked. It never holds more than a part of one value.
 */
export class DocumentReader {
  /**
   * The document as JSON.parse would give it, of objects only the members that count, and with a Span in place of each
   * list whose elements were handed on.
   */
  outline: unknown
  /** What makes the document no JSON, once that is known. */
  failure: string | undefined
  readonly #layout: ObjectLayout
  readonly #maxValue: number
  readonly #scanner = new ValueScanner()
  readonly #buffer: TokenBuffer
  /** The innermost object or list we are in. */
  #frame: Frame | undefined
  #expected: Expected = 'value'
  #token: Token = 'none'
  /** Octets before this piece. */
  #offset = 0

  /** Of values larger than `maxValue` octets none is taken in. */
  constructor(layout: ObjectLayout, maxValue: number) {
    this.#layout = layout
    this.#maxValue = maxValue
    this.#buffer = new TokenBuffer(maxValue)
  }

  /** Takes the next piece. After a failure the others do not matter. */
  push(piece: Uint8Array): void {
    if (this.failure !== undefined) return
    const octets = asBuffer(piece)
    this.#notingFailure(() => {
      for (let at = 0; at < octets.length && this.failure === undefined; ) {
        at = this.#token === 'none' ? this.#structure(octets, at) : this.#scan(octets, at)
      }
    })
    this.#offset += octets.length
  }

  /** Ends the document; it is whole if there is no failure now. */
  end(): void {
    if (this.#token === 'value' && this.#frame === undefined && this.#scanner.endsWithNext) {
      this.#notingFailure(() => this.#complete(this.#buffer.octets, 0, this.#buffer.length))
    }
    if (this.#expected !== 'nothing') this.failure ??= 'it ends too early'
  }

  #notingFailure(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.failure = `${error.message} of a value near byte ${this.#offset}`
    }
  }

  #structure(octets: Buffer, at: number): number {
    const octet = octets[at] as number
    if (isSpace(octet)) return at + 1
    switch (this.#expected) {
      case 'comma or end':
        if (octet !== COMMA) return this.#leave(octet, at)
        this.#expected = this.#frame instanceof ObjectFrame ? 'key' : 'value'
        return at + 1
      case 'colon':
        if (octet !== COLON) return this.#unexpected(octet, at)
        this.#expected = 'value'
        return at + 1
      case 'key':
      case 'key or end':
        if (octet === QUOTE) return this.#begin('key', octets, at)
        return this.#expected === 'key' ? this.#unexpected(octet, at) : this.#leave(octet, at)
      case 'value':
      case 'value or end':
        if (beginsValue(octet)) return this.#beginValue(octet, octets, at)
        return this.#expected === 'value' ? this.#unexpected(octet, at) : this.#leave(octet, at)
      case 'nothing':
        return this.#unexpected(octet, at)
    }
  }

  #beginValue(octet: number, octets: Buffer, at: number): number {
    const frame = this.#frame
    if (frame?.elements !== undefined) return this.#beginElement(frame.elements, octets, at)
    const layout = frame === undefined ? this.#layout : frame.next
    const isNested = octet === QUOTE || octet === OPEN_LIST || octet === OPEN_OBJECT
    if (layout === undefined) {
      // Numbers and literals are no names of anything, but only a parser sees whether they are right.
      return this.#begin(isNested ? 'skipped' : 'value', octets, at)
    }
    if (layout !== 'value') {
      if (octet === ('members' in layout ? OPEN_OBJECT : OPEN_LIST))
        return this.#enter(layout, frame, at)
      if (frame === undefined && octet === OPEN_LIST) return this.#begin('skipped', octets, at)
    }
    return this.#begin('value', octets, at)
  }

  #beginElement(elements: Elements, octets: Buffer, at: number): number {
    const end = elements.takeAt(octets, at, this.#maxValue)
    if (end === 0) return this.#begin('element', octets, at)
    this.#expected = 'comma or end'
    return end
  }

  #enter(layout: Exclude<Layout, 'value'>, parent: Container | undefined, at: number): number {
    this.#frame = frameOf(layout, parent)
    this.#expected = 'members' in layout ? 'key or end' : 'value or end'
    return at + 1
  }

  #leave(octet: number, at: number): number {
    const frame = this.#frame
    if (octet !== frame?.closing) return this.#unexpected(octet, at)
    const { parent, outline } = frame
    this.#frame = parent
    this.#expect()
    this.#add(parent, outline)
    return at + 1
  }

  #expect(): void {
    this.#expected = this.#frame === undefined ? 'nothing' : 'comma or end'
  }

  #add(to: Container | undefined, value: unknown): void {
    if (to === undefined) this.outline = value
    else to.add(value)
  }

  /** Begins to scan the value at `at`. */
  #begin(token: Exclude<Token, 'none'>, octets: Buffer, at: number): number {
    this.#token = token
    this.#buffer.clear()
    this.#scanner.begin(octets[at] as number)
    return this.#scan(octets, at)
  }

  #scan(octets: Buffer, from: number): number {
    const scanner = this.#scanner
    const buffer = this.#buffer
    const to = scanner.scan(octets, from)
    const keeps = this.#token !== 'skipped'
    if (scanner.failure !== undefined) {
      this.failure = `${scanner.failure} at byte ${this.#offset + to}`
    } else if (!scanner.done) {
      if (keeps) buffer.append(octets, from, to)
    } else if (!keeps || (buffer.isEmpty && to - from <= this.#maxValue)) {
      this.#complete(octets, from, to)
    } else {
      buffer.append(octets, from, to)
      this.#complete(buffer.octets, 0, buffer.length)
    }
    return to
  }

  /** A value has come to its end. */
  #complete(octets: Buffer, from: number, to: number): void {
    const token = this.#token
    this.#token = 'none'
    if (token === 'key') this.#expected = 'colon'
    else this.#expect()
    if (token === 'skipped') this.#skipped()
    else if (this.#buffer.tooLarge) this.#refuse(token)
    else this.#take(token, octets, from, to)
  }

  #take(token: Token, octets: Buffer, from: number, to: number): void {
    const frame = this.#frame
    if (frame?.elements !== undefined) {
      frame.elements.take(octets, from, to)
      return
    }
    const json: unknown = JSON.parse(octets.toString('utf8', from, to))
    if (token === 'key' && frame instanceof ObjectFrame) frame.key = String(json)
    else this.#add(frame, json)
  }

  #skipped(): void {
    // That the document is a list is all that has to be known of it.
    if (this.#frame === undefined) this.outline = []
  }

  /** A value that is larger than anything we take in. */
  #refuse(token: Token): void {
    const frame = this.#frame
    if (frame?.elements !== undefined) {
      frame.elements.skipTooLarge()
      return
    }
    if (token !== 'key' && frame?.refuse()) return
    const isMember = token === 'value' && frame instanceof ObjectFrame
    const what = isMember ? frame.key : token === 'key' ? 'a name' : 'the document'
    this.failure = `${what} is larger than ${this.#maxValue} bytes`
  }

  #unexpected(octet: number, at: number): number {
    const what =
      octet > 0x20 && octet < 0x7f
        ? String.fromCharCode(octet)
        : `byte 0x${octet.toString(16).padStart(2, '0')}`
    this.failure = `unexpected ${what} at byte ${this.#offset + at}`
    return at
  }
}
