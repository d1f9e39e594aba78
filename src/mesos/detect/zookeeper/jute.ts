import { ZookeeperError } from './errors.ts'

/**
 * Jute is ZooKeeper's serialisation: fields in order, without tags; integers big-endian; strings,
 * buffers and vectors with an int32 length before them, -1 for null. Only the types a reader of znodes
 * needs are here.
 */
export class JuteWriter {
  readonly #parts: Buffer[] = []

  int(value: number): this {
    const part = Buffer.allocUnsafe(4)
    part.writeInt32BE(value)
    return this.#add(part)
  }

  long(value: bigint): this {
    const part = Buffer.allocUnsafe(8)
    part.writeBigInt64BE(value)
    return this.#add(part)
  }

  boolean(value: boolean): this {
    return this.#add(Buffer.of(value ? 1 : 0))
  }

  buffer(value: Uint8Array): this {
    return this.int(value.length).#add(Buffer.from(value))
  }

  string(value: string): this {
    return this.buffer(Buffer.from(value))
  }

  strings(values: readonly string[]): this {
    this.int(values.length)
    for (const value of values) this.string(value)
    return this
  }

  /** All fields so far behind their int32 length, as they go over the wire. */
  frame(): Buffer {
    const body = Buffer.concat(this.#parts)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(body.length)
    return Buffer.concat([length, body])
  }

  #add(part: Buffer): this {
    this.#parts.push(part)
    return this
  }
}

/** Reads fields in order; throws ZookeeperError (`malformed`) where the bytes do not hold one. */
export class JuteReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4, 'int'))
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8, 'long'))
  }

  boolean(): boolean {
    return this.#bytes[this.#take(1, 'boolean')] !== 0
  }

  /** A copy-free view; null reads as empty. */
  buffer(): Buffer {
    const length = this.#length('buffer')
    const start = this.#take(length, 'buffer')
    return this.#bytes.subarray(start, start + length)
  }

  string(): string {
    return this.buffer().toString('utf8')
  }

  strings(): string[] {
    const count = this.#length('vector')
    // Each string takes at least its length, so a count that cannot fit is refused before the loop.
    if (count * 4 > this.remaining) throw truncated(`vector of ${count}`, this.remaining)
    return Array.from({ length: count }, () => this.string())
  }

  #length(what: string): number {
    const length = this.int()
    if (length < -1) throw new ZookeeperError('malformed', `${what} with the length ${length}`)
    return Math.max(0, length)
  }

  #take(length: number, what: string): number {
    if (length > this.remaining) throw truncated(what, this.remaining)
    const start = this.#offset
    this.#offset += length
    return start
  }
}

function truncated(what: string, remaining: number): ZookeeperError {
  return new ZookeeperError('malformed', `message ends inside a ${what} (${remaining} bytes left)`)
}
