import { ZookeeperError } from './errors.ts'

/**
 * Most bytes taken in one message. ZooKeeper's own limit for a znode is 1 MiB (jute.maxbuffer); a list
 * of children may be somewhat larger.
 */
export const MAX_FRAME_LENGTH = 4 * 1024 * 1024

const HEADER_LENGTH = 4
const NOTHING = Buffer.alloc(0)

/**
 * Cuts a byte stream into messages, each behind its int32 length, however the stream was split. A
 * message that comes in pieces is gathered in one buffer, so that it costs no more than its length.
 */
export class FrameDecoder {
  /** What `next` has not looked at yet. */
  #rest: Buffer = NOTHING
  readonly #header = Buffer.alloc(HEADER_LENGTH)
  /** Of the message that is being gathered: undefined while its length is not complete. */
  #body: Buffer | undefined
  /** Bytes of the header, or of the body, that are there. */
  #filled = 0

  /** Takes the next bytes of the stream; call `next` until there is none before the next push. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
  }

  /**
   * The next whole message without its length, or undefined until more bytes come. Throws ZookeeperError
   * (`malformed`) for a length below 0 or above MAX_FRAME_LENGTH, as soon as the length is there.
   */
  next(): Buffer | undefined {
    if (this.#body === undefined) {
      if (!this.#fill(this.#header)) return undefined
      const length = this.#length()
      if (this.#rest.length >= length) return this.#cut(length)
      this.#body = Buffer.allocUnsafeSlow(length)
    }
    const body = this.#body
    if (!this.#fill(body)) return undefined
    this.#body = undefined
    return body
  }

  /** True once `target` is full. */
  #fill(target: Buffer): boolean {
    const taken = this.#rest.copy(target, this.#filled)
    this.#rest = this.#rest.subarray(taken)
    this.#filled += taken
    if (this.#filled < target.length) return false
    this.#filled = 0
    return true
  }

  /** A copy-free view of what came whole. */
  #cut(length: number): Buffer {
    const frame = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return frame
  }

  #length(): number {
    const length = this.#header.readInt32BE(0)
    if (length >= 0 && length <= MAX_FRAME_LENGTH) return length
    throw new ZookeeperError(
      'malformed',
      `message of ${length} bytes (at most ${MAX_FRAME_LENGTH} are taken); is this a ZooKeeper server?`,
    )
  }
}
