import { canonicalIp } from '../net/address.ts'
import type { RecordsInput } from './input.ts'
import { validAddresses } from './ip-sources.ts'
import { type LabelRules, rfc952, rfc1123 } from './labels.ts'
import { isNameTooLong } from './name-limits.ts'
import { RecordSet, type RecordType } from './record-set.ts'
import { srvRdata } from './srv.ts'

/** One run of the generator: its input, the records so far, and what every step needs of both. */
export class Generation {
  readonly input: RecordsInput
  readonly records = new RecordSet()
  readonly rules: LabelRules
  /** `.domain.`, the end of every name in the zone. */
  readonly suffix: string
  /** `SOAMname` in lower case. */
  readonly nameServer: string

  readonly #hosts = new Map<string, readonly string[]>()
  readonly #srvStarts = new Map<number, string>()
  readonly #reported = new Set<string>()

  constructor(input: RecordsInput) {
    this.input = input
    this.rules = input.config.enforceRfc952 ? rfc952 : rfc1123
    this.suffix = `.${input.config.domain}.`
    this.nameServer = input.config.soaMname.toLowerCase()
  }

  /** Adds a record unless its owner's name is too long to be one; true if it is new. */
  add(type: RecordType, name: string, rdata: string): boolean {
    return this.fits(name) && this.records.add(type, name, rdata)
  }

  /** As `add`, for a record that can only equal one of the last `recent` of its set. */
  addRecent(type: RecordType, name: string, rdata: string, recent: number): boolean {
    return this.fits(name) && this.records.addRecent(type, name, rdata, recent)
  }

  /** Adds an A or AAAA record, as the address needs; true if it is new. */
  addAddress(name: string, address: string): boolean {
    return this.add(addressType(address), name, address)
  }

  /** Adds an SRV record with the configured weight; true if it is new. */
  addSrv(name: string, port: number, target: string): boolean {
    return this.add('SRV', name, this.srv(port, target))
  }

  /** SRV rdata with the configured weight. */
  srv(port: number, target: string): string {
    let start = this.#srvStarts.get(port)
    if (start === undefined) {
      start = srvRdata(this.input.config.srvRecordDefaultWeight, port, '')
      this.#srvStarts.set(port, start)
    }
    return start + target
  }

  /** Whether a name may stand in a message; reports it if not. */
  fits(name: string): boolean {
    if (!isNameTooLong(name)) return true
    this.report('name-too-long', name, 'longer than 255 octets, left out (RFC 1035 §2.3.4)')
    return false
  }

  /**
   * Canonical addresses of a host given as an address or a name. Empty, and reported, for a name that
   * could not be resolved.
   */
  addressesOf(host: string): readonly string[] {
    let addresses = this.#hosts.get(host)
    if (addresses === undefined) {
      addresses = this.#resolve(host)
      this.#hosts.set(host, addresses)
    }
    return addresses
  }

  #resolve(host: string): readonly string[] {
    const literal = canonicalIp(host)
    if (literal !== undefined) return [literal]
    const addresses = validAddresses(this.input.hosts.get(host) ?? [])
    if (addresses.length === 0) {
      this.report('host-unresolved', host, 'host name without an address, no records point to it')
    }
    return addresses
  }

  /** Reports a problem, once for each object. */
  report(kind: string, object: string, detail: string): void {
    const key = `${kind} ${object}`
    if (this.#reported.has(key)) return
    this.#reported.add(key)
    this.input.report.add(kind, object, detail)
  }
}

export function addressType(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A'
}
