import type { RecordsConfig } from './input.ts'
import { type AddressSource, addressSource } from './ip-sources.ts'
import { type LabelRules, rfc952, rfc1123 } from './labels.ts'

/** What follows from the configuration alone: how names and records of this zone are written. */
export interface Conventions {
  readonly config: RecordsConfig
  readonly rules: LabelRules
  /** `.domain.`, the end of every name in the zone. */
  readonly suffix: string
  /** `SOAMname` in lower case. */
  readonly nameServer: string
  /** Where tasks' addresses come from (`IPSources`). */
  readonly addressesOf: AddressSource
}

export function conventionsOf(config: RecordsConfig): Conventions {
  return {
    config,
    rules: config.enforceRfc952 ? rfc952 : rfc1123,
    suffix: `.${config.domain}.`,
    nameServer: config.soaMname.toLowerCase(),
    addressesOf: addressSource(config.ipSources),
  }
}
