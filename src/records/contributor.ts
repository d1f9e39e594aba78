import type { ContributionSink, Rank, Sign } from './contribution.ts'
import type { Conventions } from './conventions.ts'
import { isNameTooLong } from './name-limits.ts'
import type { RecordType } from './record-set.ts'
import { srvRdata } from './srv.ts'

/** Takes what could not become records as it stands, and takes it back. */
export interface ProblemSink {
  /** The parts of a Problem; the same one may come several times. */
  problem(sign: Sign, kind: string, object: string, detail: string): void
}

/**
 * What agents, frameworks, tasks and the rest write their records to. One that takes back (`sign` -1)
 * is given the very same as the one that added: that undoes it, problems included.
 */
export class Contributor {
  readonly conventions: Conventions
  readonly #sign: Sign
  readonly #sink: ContributionSink
  readonly #problems: ProblemSink

  constructor(sign: Sign, conventions: Conventions, sink: ContributionSink, problems: ProblemSink) {
    this.conventions = conventions
    this.#sign = sign
    this.#sink = sink
    this.#problems = problems
  }

  /** A record, unless its owner's name is too long to be one; `ttl` in seconds. */
  record(type: RecordType, name: string, rdata: string, rank: Rank, ttl?: number): void {
    if (this.fits(name)) this.#sink.record(this.#sign, type, name, rdata, rank, ttl)
  }

  /** An A or AAAA record, as the canonical address needs. */
  address(name: string, address: string, rank: Rank): void {
    this.record(address.includes(':') ? 'AAAA' : 'A', name, address, rank)
  }

  /** An SRV record with the configured weight. */
  srv(name: string, port: number, target: string, rank: Rank): void {
    this.record('SRV', name, this.srvRdata(port, target), rank)
  }

  /** SRV rdata with the configured weight. */
  srvRdata(port: number, target: string): string {
    return srvRdata(this.conventions.config.srvRecordDefaultWeight, port, target)
  }

  /** The name is a task's own; of use only for reverse names. */
  ownName(name: string): void {
    if (this.conventions.config.reverseDnsOn) this.#sink.ownName(this.#sign, name)
  }

  /** The canonical address is an agent's; of use only for reverse names. */
  agentAddress(address: string): void {
    if (this.conventions.config.reverseDnsOn) this.#sink.agentAddress(this.#sign, address)
  }

  /** Whether a name may stand in a message; reports it if not. */
  fits(name: string): boolean {
    if (!isNameTooLong(name)) return true
    this.report('name-too-long', name, 'longer than 255 octets, left out (RFC 1035 §2.3.4)')
    return false
  }

  /** Says that nothing could be made of a host because its name has no address. */
  reportUnresolved(host: string): void {
    this.report('host-unresolved', host, 'host name without an address, no records point to it')
  }

  report(kind: string, object: string, detail: string): void {
    this.#problems.problem(this.#sign, kind, object, detail)
  }
}
