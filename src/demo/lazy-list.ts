/**
 * A long list in a document. Its items are made when they are asked for and not kept; `JSON.stringify` shows it as an
 * array.
 */
export class LazyList<T> {
  readonly #items: readonly T[]
  readonly #document: (item: T) => object
  readonly #text: (item: T) => string

  /** `text` is `document` as JSON, from somewhere quicker. */
  constructor(
    items: readonly T[],
    document: (item: T) => object,
    text: (item: T) => string = (item) => JSON.stringify(document(item)),
  ) {
    this.#items = items
    this.#document = document
    this.#text = text
  }

  get length(): number {
    return this.#items.length
  }

  *[Symbol.iterator](): Generator<object> {
    for (const item of this.#items) yield this.#document(item)
  }

  *texts(): Generator<string> {
    for (const item of this.#items) yield this.#text(item)
  }

  toJSON(): object[] {
    return [...this]
  }
}

/** The JSON text of a document in pieces: one for each item of its lazy lists, and what is between them. */
export function* jsonPieces(value: unknown): Generator<string> {
  if (value instanceof LazyList) yield* listPieces(value.texts())
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield index === 0 ? '[' : ','
      yield* jsonPieces(item)
    }
    yield value.length === 0 ? '[]' : ']'
  } else if (typeof value === 'object' && value !== null) yield* objectPieces(value)
  else yield JSON.stringify(value)
}

function* listPieces(texts: Iterable<string>): Generator<string> {
  let before = '['
  for (const text of texts) {
    yield before + text
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

function* objectPieces(value: object): Generator<string> {
  let before = '{'
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    yield `${before}${JSON.stringify(key)}:`
    yield* jsonPieces(member)
    before = ','
  }
  yield before === '{' ? '{}' : '}'
}
