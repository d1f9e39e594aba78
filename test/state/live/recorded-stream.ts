import { readFileSync } from 'node:fs'
import { Report } from '../../../src/report.ts'
import type { ClusterEvent } from '../../../src/state/cluster-event.ts'
import { decodeState } from '../../../src/state/decode.ts'
import { decodeEvent } from '../../../src/state/decode-event.ts'
import { decodeV1State } from '../../../src/state/decode-v1.ts'
import type { FullState } from '../../../src/state/full-state.ts'
import { isObject } from '../../../src/state/narrow.ts'

/** What a stream began with, and its events with the milliseconds after which each was there. */
export interface RecordedStream {
  readonly subscribed: FullState
  readonly events: readonly { readonly at: number; readonly event: ClusterEvent }[]
}

/**
 * Reads a stream as it came over TCP: an HTTP response in chunks, each a record with its length
 * before it.
 */
export function readStream(path: string): RecordedStream {
  const octets = readFileSync(path)
  const arrivals = readArrivals(path.replace(/tcp$/, 'idx'))
  const events: { at: number; event: ClusterEvent }[] = []
  let subscribed: FullState | undefined
  for (const { json, end } of records(octets)) {
    const record: unknown = JSON.parse(json)
    if (isObject(record) && record.type === 'SUBSCRIBED') subscribed = v1State(record.subscribed)
    const { event } = decodeEvent(record)
    const at = arrivals.findLast(({ offset }) => offset < end)?.at ?? 0
    if (event !== undefined) events.push({ at, event })
  }
  if (subscribed === undefined) throw new Error(`${path} does not begin with SUBSCRIBED`)
  return { subscribed, events }
}

/** The lines of an `.idx` file: milliseconds, offset and length of each read. */
function readArrivals(path: string): { at: number; offset: number }[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const [at = 0, offset = 0] = line.split(' ').map(Number)
    return { at, offset }
  })
}

function* records(octets: Buffer): Generator<{ json: string; end: number }> {
  let offset = octets.indexOf('\r\n\r\n') + 4
  while (offset < octets.length) {
    const lineEnd = octets.indexOf('\r\n', offset)
    const length = Number.parseInt(octets.toString('latin1', offset, lineEnd), 16)
    if (length === 0) return
    const chunk = octets.toString('utf8', lineEnd + 2, lineEnd + 2 + length)
    offset = lineEnd + 2 + length + 2
    yield { json: chunk.slice(chunk.indexOf('\n') + 1), end: offset }
  }
}

/** A recorded `GET_STATE`, or what `SUBSCRIBED` carries. */
export function v1State(json: unknown): FullState {
  const report = new Report()
  const state = decodeV1State(json, report)
  return { state, report, form: 'v1', masterId: undefined, recoveredAgents: new Set() }
}

/** A recorded `/state`. */
export function fullState(path: string): FullState {
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const report = new Report()
  const masterId = isObject(json) && typeof json.id === 'string' ? json.id : undefined
  const recovered =
    isObject(json) && Array.isArray(json.recovered_slaves) ? json.recovered_slaves : []
  return {
    state: decodeState(json, report),
    report,
    form: 'state',
    masterId,
    recoveredAgents: new Set(recovered.map(({ id }) => String(id))),
  }
}
