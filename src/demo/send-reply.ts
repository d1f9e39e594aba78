import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { lengthOf } from './render.ts'
import type { Reply } from './reply.ts'

const compress = promisify(gzip)

/** Sends an answer, compressed if the client takes that. */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
): Promise<void> {
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const packs = wantsGzip && lengthOf(body) > 0 && headers['Content-Encoding'] === undefined
  const octets = packs ? [await compressed(body)] : body
  if (response.destroyed) return
  response.writeHead(status, {
    ...headers,
    ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
    'Content-Length': lengthOf(octets),
  })
  for (const piece of octets) response.write(piece)
  response.end()
}

const packed = new WeakMap<readonly Buffer[], Promise<Buffer>>()

/** Compresses a body once, however often it is asked for. */
function compressed(body: readonly Buffer[]): Promise<Buffer> {
  const known = packed.get(body)
  if (known !== undefined) return known
  const fresh = compress(Buffer.concat(body))
  packed.set(body, fresh)
  return fresh
}
