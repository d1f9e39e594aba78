import { setImmediate as turn } from 'node:timers/promises'
import { jsonPieces } from './lazy-list.ts'

/** Octets that are made in one go: some milliseconds of work. */
const PIECE = 256 * 1024

/**
 * The JSON text of a document as octets, in pieces. Other things get their turn between two pieces: the state of a large
 * cluster takes seconds.
 */
export async function renderJson(document: unknown): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = []
  let waiting = ''
  for (const text of jsonPieces(document)) {
    waiting += text
    if (waiting.length < PIECE) continue
    pieces.push(Buffer.from(waiting))
    waiting = ''
    await turn()
  }
  pieces.push(Buffer.from(waiting))
  return pieces
}

export function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}
