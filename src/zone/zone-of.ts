import { RANK } from '../records/contribution.ts'
import type { RecordSet } from '../records/record-set.ts'
import { ReaderEpochs } from './epochs.ts'
import type { ZoneConfig } from './soa.ts'
import { Zone } from './zone.ts'
import { ZoneStore } from './zone-store.ts'

/** The zone of a record set that will never change, for tests and for work without a server. */
export function zoneOf(records: RecordSet, config: ZoneConfig, serial: number): Zone {
  const store = new ZoneStore({
    config: { ...config, reverseDnsOn: false },
    epochs: ReaderEpochs.create(1),
  })
  for (const { type, name, ttl, rdata } of records) {
    for (const text of rdata) store.record(1, type, name, text, RANK.SERVED, ttl)
  }
  const { update } = store.commit({ receivedAt: serial * 1000 })
  if (update === undefined) throw new RangeError('the first commit makes a zone')
  return Zone.from(undefined, update)
}
