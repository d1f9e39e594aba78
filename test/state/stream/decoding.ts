import { Report } from '../../../src/report.ts'
import { decodeState } from '../../../src/state/decode.ts'
import { decodeV1State } from '../../../src/state/decode-v1.ts'
import { StateFormatError } from '../../../src/state/errors.ts'
import type { FullState } from '../../../src/state/full-state.ts'
import type { ClusterState } from '../../../src/state/model.ts'
import {
  createStateDecoder,
  type DecodedState,
  type StateDecoder,
} from '../../../src/state/stream/state-decoder.ts'
import {
  createSubscribedDecoder,
  type Subscribed,
  type SubscribedDecoder,
} from '../../../src/state/stream/subscribed-decoder.ts'

/** What came of a document: the state and its problems, or the message of the error. */
export type Outcome =
  | { readonly state: ClusterState; readonly problems: Report['problems'] }
  | { readonly error: string }

/** Decodes a document that comes in these pieces. */
export function decodePieces(
  pieces: Iterable<Uint8Array>,
  decoder: StateDecoder = createStateDecoder(),
): DecodedState {
  const reader = decoder.begin()
  for (const piece of pieces) {
    reader.push(piece)
    // As a buffer that is read into again.
    piece.fill(0x22)
  }
  return reader.finish('application/json')
}

/** Decodes a document of one piece and keeps it. */
export function decodeAndKeep(json: unknown, decoder: StateDecoder): DecodedState {
  const text = typeof json === 'string' ? json : JSON.stringify(json)
  const decoded = decodePieces([Buffer.from(text)], decoder)
  decoded.keep()
  return decoded
}

/** Decodes a SUBSCRIBED, or another document with a v1 state, that comes in these pieces. */
export function decodeSubscribed(
  pieces: Iterable<Uint8Array>,
  decoder: SubscribedDecoder = createSubscribedDecoder(),
): Subscribed {
  const reader = decoder.begin()
  for (const piece of pieces) {
    reader.push(piece)
    piece.fill(0x22)
  }
  return reader.finish()
}

export function outcomeOf(decode: () => FullState): Outcome {
  return told(() => {
    const { state, report } = decode()
    return { state, problems: report.problems }
  })
}

/** What decodeState says of it. */
export function expectedOutcome(json: unknown): Outcome {
  return told(() => {
    const report = new Report()
    return { state: decodeState(json, report), problems: report.problems }
  })
}

/** What decodeV1State says of it. */
export function expectedV1Outcome(json: unknown): Outcome {
  return told(() => {
    const report = new Report()
    return { state: decodeV1State(json, report), problems: report.problems }
  })
}

function told(work: () => Outcome): Outcome {
  try {
    return work()
  } catch (error) {
    if (error instanceof StateFormatError) return { error: error.message }
    throw error
  }
}
