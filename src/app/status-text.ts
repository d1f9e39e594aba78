import { FRESHNESS } from '../freshness.ts'
import type { ServerStatus } from '../http/index.ts'
import type { Zone } from '../zone/zone.ts'

const FRESHNESS_TEXT = {
  [FRESHNESS.FRESH]: '',
  [FRESHNESS.STALE]: ', stale',
  [FRESHNESS.EXPIRED]: ', too old to be served',
} as const

/** The server's state in a line, as `systemctl status` shows it. */
export function statusText(status: ServerStatus, zone: Zone | undefined): string {
  if (status.draining) return 'stopping'
  const source = sourceText(status)
  if (zone === undefined) return `waiting for a first state${source}`
  return `serving ${zone.names} names${FRESHNESS_TEXT[status.freshness]}${source}`
}

function sourceText({ follow }: ServerStatus): string {
  const { stream, leader } = follow ?? {}
  if (stream?.state === 'connected' && stream.master !== undefined) {
    return `, stream from ${stream.master}`
  }
  return leader === undefined ? ', no leading master known' : `, polling ${leader}`
}
