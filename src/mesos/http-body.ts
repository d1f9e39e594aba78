import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { StateFetchError } from './errors.ts'

/**
 * Collects a response body and decodes gzip. Throws StateFetchError as soon as the decoded size passes
 * `maxBytes`, so that a small compressed answer cannot fill memory.
 */
export async function readBody(
  body: Readable,
  encoding: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const gunzip = encoding === 'gzip' || encoding === 'x-gzip'
  if (!gunzip && encoding !== '' && encoding !== 'identity') {
    body.once('error', () => {}).destroy()
    throw new StateFetchError(
      `answer has the content encoding ${encoding}, only gzip was asked for`,
    )
  }
  const chunks: Buffer[] = []
  let size = 0
  let tooLarge: StateFetchError | undefined
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      size += chunk.length
      if (size > maxBytes) {
        tooLarge = new StateFetchError(`answer is larger than ${Math.floor(maxBytes / 1024)} KiB`)
        throw tooLarge
      }
      chunks.push(chunk)
    }
  }
  try {
    await (gunzip
      ? pipeline(body, createGunzip(), collect, { signal })
      : pipeline(body, collect, { signal }))
  } catch (error) {
    // The streams torn down by the first error may report theirs before it.
    throw tooLarge ?? error
  }
  return Buffer.concat(chunks, size)
}
