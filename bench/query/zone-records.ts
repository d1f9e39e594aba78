import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

export type CheckedType = 'A' | 'SRV'

/** The address and service records of a zone, by owner without the domain. */
export type ZoneRecords = Readonly<Record<CheckedType, ReadonlyMap<string, readonly string[]>>>

/** Reads a master file as `mesos-ns render` writes it: a record a line, fields between tabs. */
export async function readZoneFile(path: string): Promise<ZoneRecords> {
  return parseZone(createInterface({ input: createReadStream(path) }))
}

export async function parseZone(
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<ZoneRecords> {
  const records = { A: new Map<string, string[]>(), SRV: new Map<string, string[]>() }
  for await (const line of lines) {
    const [owner = '', ...fields] = line.split('\t')
    const [type, rdata] = fields.slice(fields.indexOf('IN') + 1)
    if (rdata === undefined || (type !== 'A' && type !== 'SRV')) continue
    const known = records[type].get(owner)
    if (known === undefined) records[type].set(owner, [rdata])
    else known.push(rdata)
  }
  return records
}
