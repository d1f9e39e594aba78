import { lengthOf } from './render.ts'

/** A record of the v1 API's streams: its length in octets as decimal text, a line feed, and its octets. */
export function frameRecord(record: readonly Buffer[], length = lengthOf(record)): Buffer[] {
  return [Buffer.from(`${length}\n`), ...record]
}
