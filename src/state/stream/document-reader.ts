import type { Agent, Task } from '../model.ts'
import type { ElementReader } from './element-reader.ts'
import {
  asBuffer,
  beginsValue,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isSpace,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './octets.ts'
import { Outline } from './outline.ts'
import { TokenBuffer } from './token-buffer.ts'
import { ValueScanner } from './value-scanner.ts'

/** Where in a state we are: only these lists and objects are gone into. */
type Place = 'document' | 'state' | 'slaves' | 'frameworks' | 'framework' | 'tasks'

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
type Token = 'none' | 'document' | 'key' | 'member' | 'element' | 'odd framework' | 'skipped'

const PARENT: Readonly<Record<Place, Place>> = {
  document: 'document',
  state: 'document',
  slaves: 'state',
  frameworks: 'state',
  framework: 'frameworks',
  tasks: 'framework',
}

const STATE_MEMBERS: ReadonlySet<string> = new Set(['leader', 'pid', 'slaves', 'frameworks'])
const FRAMEWORK_MEMBERS: ReadonlySet<string> = new Set(['id', 'name', 'pid', 'hostname', 'tasks'])

export interface DocumentReaderOptions {
  readonly agents: ElementReader<Agent>
  readonly tasks: ElementReader<Task>
  /** Octets of the largest value that is taken in. */
  readonly maxValue: number
}

/**
 * Reads a `/state` document that comes in pieces: finds the agents and tasks, hands them on one by one,
 * and makes an outline of what else counts. The rest is skipped: of that, strings and brackets are
 * checked. It never holds more than a part of one value.
 */
export class DocumentReader {
  readonly outline = new Outline()
  /** What makes the document no JSON, once that is known. */
  failure: string | undefined
  readonly #agents: ElementReader<Agent>
  readonly #tasks: ElementReader<Task>
  readonly #maxValue: number
  readonly #scanner = new ValueScanner()
  readonly #buffer: TokenBuffer
  #place: Place = 'document'
  #expected: Expected = 'value'
  #token: Token = 'none'
  /** Name of the member whose value comes, in the object we are in. */
  #key = ''
  /** Octets before this piece. */
  #offset = 0
  /** Number of agents or tasks before the list we are in. */
  #before = 0

  constructor({ agents, tasks, maxValue }: DocumentReaderOptions) {
    this.#agents = agents
    this.#tasks = tasks
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
    if (this.#token === 'document' && this.#scanner.endsWithNext) {
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
        this.#expected = this.#inObject ? 'key' : 'value'
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

  get #inObject(): boolean {
    return this.#place === 'state' || this.#place === 'framework'
  }

  #beginValue(octet: number, octets: Buffer, at: number): number {
    switch (this.#place) {
      case 'document':
        if (octet === OPEN_OBJECT) return this.#enter('state', at)
        return this.#begin(octet === OPEN_LIST ? 'skipped' : 'document', octets, at)
      case 'frameworks':
        if (octet === OPEN_OBJECT) return this.#enter('framework', at)
        return this.#begin('odd framework', octets, at)
      case 'slaves':
      case 'tasks':
        return this.#beginElement(octets, at)
      case 'state':
      case 'framework':
        return this.#beginMember(octet, octets, at)
    }
  }

  #beginElement(octets: Buffer, at: number): number {
    const end = this.#elements.takeAt(octets, at, this.#maxValue)
    if (end === 0) return this.#begin('element', octets, at)
    this.#expected = 'comma or end'
    return end
  }

  #beginMember(octet: number, octets: Buffer, at: number): number {
    const key = this.#key
    const inState = this.#place === 'state'
    if (octet === OPEN_LIST) {
      if (inState && (key === 'slaves' || key === 'frameworks')) return this.#enter(key, at)
      if (!inState && key === 'tasks') return this.#enter('tasks', at)
    }
    const counts = (inState ? STATE_MEMBERS : FRAMEWORK_MEMBERS).has(key)
    const nested = octet === QUOTE || octet === OPEN_LIST || octet === OPEN_OBJECT
    // Numbers and literals are no names of anything, but only a parser sees whether they are right.
    return this.#begin(counts || !nested ? 'member' : 'skipped', octets, at)
  }

  get #elements(): ElementReader<Agent> | ElementReader<Task> {
    return this.#place === 'slaves' ? this.#agents : this.#tasks
  }

  #enter(place: Exclude<Place, 'document'>, at: number): number {
    this.#place = place
    this.#expected = this.#inObject ? 'key or end' : 'value or end'
    this.#before = this.#elements.log.length
    if (place === 'frameworks') this.outline.beginFrameworks()
    if (place === 'framework') this.outline.beginFramework()
    return at + 1
  }

  #leave(octet: number, at: number): number {
    if (octet !== (this.#inObject ? CLOSE_OBJECT : CLOSE_LIST)) return this.#unexpected(octet, at)
    const span = { from: this.#before, to: this.#elements.log.length }
    if (this.#place === 'slaves') this.outline.setAgents(span)
    if (this.#place === 'tasks') this.outline.setTasks(span)
    if (this.#place === 'framework') this.outline.endFramework()
    this.#place = PARENT[this.#place]
    this.#expected = this.#place === 'document' ? 'nothing' : 'comma or end'
    return at + 1
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
    this.#expected = token === 'key' ? 'colon' : 'comma or end'
    if (this.#place === 'document') this.#expected = 'nothing'
    if (token === 'skipped') this.#skipped()
    else if (this.#buffer.tooLarge) this.#refuse(token)
    else this.#take(token, octets, from, to)
  }

  #take(token: Token, octets: Buffer, from: number, to: number): void {
    if (token === 'element') {
      this.#elements.take(octets, from, to)
      return
    }
    const json: unknown = JSON.parse(octets.toString('utf8', from, to))
    if (token === 'key') this.#key = String(json)
    else if (token === 'document') this.outline.other = { json }
    else if (token === 'odd framework') this.outline.frameworks.push({ odd: json })
    else this.#setMember(json)
  }

  #setMember(json: unknown): void {
    if (this.#place === 'state') {
      if (STATE_MEMBERS.has(this.#key)) this.outline.setMember(this.#key, json)
    } else if (FRAMEWORK_MEMBERS.has(this.#key)) {
      this.outline.setFrameworkMember(this.#key, json)
    }
  }

  #skipped(): void {
    if (this.#place === 'document') this.outline.other = { json: [] }
  }

  /** A value that is larger than anything we take in. */
  #refuse(token: Token): void {
    if (token === 'element') this.#elements.skipTooLarge()
    else if (token === 'odd framework') this.outline.frameworks.push({ tooLarge: true })
    else if (token === 'member' && this.#place === 'framework') this.outline.refuseFramework()
    else {
      const what = token === 'member' ? this.#key : `a ${token}`
      this.failure = `${what} is larger than ${this.#maxValue} bytes`
    }
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
