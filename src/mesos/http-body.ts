import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { StateFetchError } from './errors.ts'

/** Takes a body as it arrives; the octets are its own only for the time of the call. */
export type BodyConsumer = (octets: Uint8Array) => void

/** Fewer, larger pieces than zlib's 16 KiB; still little enough that each is soon dealt with. */
const GUNZIP_CHUNK = 64 * 1024

export interface BodyLimits {
  /** Largest body, decoded. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Hands on a response body as it arrives, gzip decoded. Throws StateFetchError as soon as the decoded size
 * passes `maxBytes`, so that a small compressed answer cannot cost hours. Returns the decoded size.
 */
export async function streamBody(
  body: Readable,
  encoding: string,
  consume: BodyConsumer,
  { maxBytes, signal }: BodyLimits,
): Promise<number> {
  const gunzip = encoding === 'gzip' || encoding === 'x-gzip'
  if (!gunzip && encoding !== '' && encoding !== 'identity') {
    body.once('error', () => {}).destroy()
    throw new StateFetchError(
      `answer has the content encoding ${encoding}, only gzip was asked for`,
    )
  }
  let size = 0
  let failure: unknown
  const handOn = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      try {
        size += chunk.length
        if (size > maxBytes) {
          throw new StateFetchError(`answer is larger than ${Math.floor(maxBytes / 1024)} KiB`)
        }
        consume(chunk)
      } catch (error) {
        failure = error
        throw error
      }
    }
  }
  try {
    await (gunzip
      ? pipeline(body, createGunzip({ chunkSize: GUNZIP_CHUNK }), handOn, { signal })
      : pipeline(body, handOn, { signal }))
  } catch (error) {
    // The streams torn down by the first error may report theirs before it.
    throw failure ?? error
  }
  return size
}

/** The whole of a body that is known to be small. */
export async function readBody(
  body: Readable,
  encoding: string,
  limits: BodyLimits,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const size = await streamBody(body, encoding, (chunk) => void chunks.push(chunk), limits)
  return Buffer.concat(chunks, size)
}
