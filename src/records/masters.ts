import type { HostPort } from '../net/address.ts'
import { RANK } from './contribution.ts'
import type { Contributor } from './contributor.ts'
import { addressesOfHost } from './hosts.ts'
import type { RecordsInput } from './input.ts'
import { validAddresses } from './ip-sources.ts'

/** A master with its host name resolved; no addresses if it could not be. */
interface MasterView extends HostPort {
  readonly addresses: readonly string[]
}

/** The masters and the name server; plain data, so that two can be compared as a whole. */
export interface MastersView {
  readonly leader: MasterView | undefined
  readonly masters: readonly MasterView[]
  /** Canonical addresses the name server listens on. */
  readonly nameServer: readonly string[]
}

export function viewMasters(input: RecordsInput): MastersView {
  const view = ({ host, port }: HostPort): MasterView => ({
    host,
    port,
    addresses: addressesOfHost(host, input.hosts),
  })
  const { leader } = input.state
  return {
    leader: leader && view(leader),
    masters: input.masters.map(view),
    nameServer: validAddresses(input.listenerAddresses),
  }
}

/** The name server's own addresses: what it listens on. */
export function contributeNameServer({ nameServer }: MastersView, to: Contributor): void {
  for (const address of nameServer) to.address(to.conventions.nameServer, address, RANK.SERVED)
}

/**
 * `leader`, `master` and `masterN`, and the leader's port. `masterN` follows the order of the list, so
 * that it changes only with the list; a leader that is not listed comes after it. Without a leader
 * there are no such records.
 */
export function contributeMasters(view: MastersView, to: Contributor): void {
  const { leader, masters } = view
  if (leader === undefined) return
  if (leader.addresses.length === 0) {
    to.reportUnresolved(leader.host)
    return
  }
  const { suffix, nameServer } = to.conventions
  const leaderName = `leader${suffix}`
  const all = `master${suffix}`
  // Several masters behind one address are one; the name server may have the very same name.
  const known = new Set(nameServer === all ? view.nameServer : [])
  const join = (addresses: readonly string[]): boolean => {
    const fresh = addresses.filter((address) => !known.has(address))
    for (const address of fresh) {
      known.add(address)
      to.address(all, address, RANK.SERVED)
    }
    return fresh.length > 0
  }
  join(leader.addresses)
  for (const address of leader.addresses) to.address(leaderName, address, RANK.SERVED)
  to.srv(`_leader._tcp${suffix}`, leader.port, leaderName, RANK.SERVED)
  to.srv(`_leader._udp${suffix}`, leader.port, leaderName, RANK.SERVED)

  const isLeader = ({ port, addresses }: MasterView): boolean =>
    port === leader.port && addresses.some((address) => leader.addresses.includes(address))

  let index = 0
  let leaderHasIndex = false
  const number = (addresses: readonly string[]) => {
    for (const address of addresses) to.address(`master${index}${suffix}`, address, RANK.SERVED)
    index++
  }
  for (const master of masters) {
    const { host, addresses } = master
    if (addresses.length === 0) {
      to.reportUnresolved(host)
      // Its number waits for it, or those behind it would change names with its resolver's mood.
      index++
    } else if (isLeader(master)) {
      if (!leaderHasIndex) number(addresses)
      leaderHasIndex = true
    } else if (join(addresses)) {
      number(addresses)
    }
  }
  if (leaderHasIndex) return
  number(leader.addresses)
  if (masters.length > 0) {
    to.report(
      'leader-not-listed',
      leader.host,
      'the leading master is not in the list of masters, it got the number after the last',
    )
  }
}
