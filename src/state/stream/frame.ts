import {
  type Elements,
  type ElementsLayout,
  type Layout,
  type ListLayout,
  type ObjectLayout,
  TOO_LARGE,
} from './layout.ts'
import { CLOSE_LIST, CLOSE_OBJECT } from './octets.ts'
import { Span } from './span.ts'

/** An object or list that is being read, and what was found in it so far. */
export type Frame = Container | ElementsFrame

/** One that others can be in. */
export type Container = ObjectFrame | ListFrame

export function frameOf(layout: Exclude<Layout, 'value'>, parent: Container | undefined): Frame {
  if ('members' in layout) return new ObjectFrame(layout, parent)
  return 'each' in layout ? new ListFrame(layout, parent) : new ElementsFrame(layout, parent)
}

/** An object. Of members with the same name the last counts, as for JSON.parse. */
export class ObjectFrame {
  readonly closing = CLOSE_OBJECT
  readonly elements = undefined
  readonly parent: Container | undefined
  /** Name of the member whose value comes. */
  key = ''
  readonly #layout: ObjectLayout
  readonly #found: Record<string, unknown> = {}
  #tooLarge = false

  constructor(layout: ObjectLayout, parent: Container | undefined) {
    this.#layout = layout
    this.parent = parent
  }

  /** How the next value is read; undefined if it does not count. */
  get next(): Layout | undefined {
    return this.#layout.members.get(this.key)
  }

  add(value: unknown): void {
    if (this.#layout.members.has(this.key)) this.#found[this.key] = value
  }

  /** Notes that the next value was too large to be taken in; false if the document makes no sense without it. */
  refuse(): boolean {
    // Of an element of a list it can then not be told who it is.
    this.#tooLarge = true
    return this.parent instanceof ListFrame
  }

  get outline(): unknown {
    return this.#tooLarge ? TOO_LARGE : this.#found
  }
}

/** A list of objects. */
export class ListFrame {
  readonly closing = CLOSE_LIST
  readonly elements = undefined
  readonly parent: Container | undefined
  readonly outline: unknown[] = []
  readonly #layout: ListLayout

  constructor(layout: ListLayout, parent: Container | undefined) {
    this.#layout = layout
    this.parent = parent
  }

  get next(): Layout {
    return this.#layout.each
  }

  add(value: unknown): void {
    this.outline.push(value)
  }

  refuse(): boolean {
    this.outline.push(TOO_LARGE)
    return true
  }
}

/** A list whose elements are handed on one by one. */
export class ElementsFrame {
  readonly closing = CLOSE_LIST
  readonly elements: Elements
  readonly parent: Container | undefined
  readonly #from: number

  constructor({ elements }: ElementsLayout, parent: Container | undefined) {
    this.elements = elements
    this.parent = parent
    this.#from = elements.log.length
  }

  get outline(): Span {
    return new Span(this.#from, this.elements.log.length)
  }
}
