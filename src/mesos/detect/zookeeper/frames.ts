import { ZookeeperError } from './errors.ts'

/**
 * Most bytes taken in one message. ZooKeeper's own limit for a znode is 1 MiB (jute.maxbuffer); a list
 * of children may be somewhat larger.
 */
export const MAX_FRAME_LENGTH = 4 * 1024 * 1024

/** Cuts a byte stream into messages, each behind its int32 length, however the stream was split. */
export class FrameDecoder {
  #chunks: Buffer[] = []
  #buffered = 0

  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
  }

  /**
   * The next whole message without its length, or undefined until more bytes come. Throws ZookeeperError
   * (`malformed`) for a length below 0 or above MAX_FRAME_LENGTH, as soon as the length is there.
   */
  next(): Buffer | undefined {
    if (this.#buffered < 4) return undefined
    const end = 4 + this.#length()
    if (this.#buffered < end) return undefined
    const bytes = this.#joined()
    this.#chunks = bytes.length > end ? [bytes.subarray(end)] : []
    this.#buffered = bytes.length - end
    return bytes.subarray(4, end)
  }

  #length(): number {
    const [first] = this.#chunks
    const header = first !== undefined && first.length >= 4 ? first : this.#joined()
    const length = header.readInt32BE(0)
    if (length >= 0 && length <= MAX_FRAME_LENGTH) return length
    throw new ZookeeperError(
      'malformed',
      `message of ${length} bytes (at most ${MAX_FRAME_LENGTH} are taken); is this a ZooKeeper server?`,
    )
  }

  #joined(): Buffer {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first !== undefined) return first
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }
}
