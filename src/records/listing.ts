import type { Config } from '../config/schema.ts'
import { goJsonChunks } from '../go-json.ts'
import { Report } from '../report.ts'
import { axfrBody } from './axfr.ts'
import { enumerate } from './enumerate.ts'
import { generateRecords } from './generate.ts'
import type { RecordsInput } from './input.ts'

/** The documents that list everything, by the paths they have in the REST API below /v1. */
export const LISTINGS = ['enumerate', 'axfr'] as const
export type ListingKind = (typeof LISTINGS)[number]

/** What `/v1/axfr` says about the zone besides its records and serial. */
export type AxfrConfig = Pick<Config, 'ttl' | 'refreshSeconds' | 'soaMname' | 'soaRname' | 'domain'>

/**
 * A listing as it is sent, in pieces of some 64 KiB. Each has a buffer of its own and can be transferred
 * to another thread; they are made one by one, so that the thread may do something else in between.
 * Problems of the state are not reported again.
 */
export function* listing(
  kind: ListingKind,
  input: RecordsInput,
  config: AxfrConfig,
  serial: number,
): Generator<Uint8Array<ArrayBuffer>, void> {
  for (const text of goJsonChunks(bodyOf(kind, input, config, serial))) yield octetsOf(text)
}

function bodyOf(
  kind: ListingKind,
  input: RecordsInput,
  config: AxfrConfig,
  serial: number,
): unknown {
  if (kind === 'enumerate') return enumerate(input)
  const { ttl, refreshSeconds, soaMname: mname, soaRname: rname, domain } = config
  const records = generateRecords({ ...input, report: new Report() })
  return axfrBody(records, { ttl, serial, refreshSeconds, mname, rname, domain })
}

/** Not Buffer.from: small buffers share a pool, which cannot be transferred. */
function octetsOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
