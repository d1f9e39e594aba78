import type { HostPort } from '../net/address.ts'
import type { Generation } from './generation.ts'
import { validAddresses } from './ip-sources.ts'

/** Adds the name server's own addresses: what it listens on. */
export function addNameServer(generation: Generation): void {
  for (const address of validAddresses(generation.input.listenerAddresses)) {
    generation.addAddress(generation.nameServer, address)
  }
}

/**
 * Adds `leader`, `master` and `masterN`, and the leader's port. `masterN` follows the order of the
 * list, so that it changes only with the list; a leader that is not listed comes after it. Without a
 * leader there are no such records.
 */
export function addMasters(generation: Generation): void {
  const { suffix, input } = generation
  const { leader } = input.state
  if (leader === undefined) return
  const leaderAddresses = generation.addressesOf(leader.host)
  if (leaderAddresses.length === 0) return

  const leaderName = `leader${suffix}`
  const all = `master${suffix}`
  for (const address of leaderAddresses) {
    generation.addAddress(leaderName, address)
    generation.addAddress(all, address)
  }
  generation.addSrv(`_leader._tcp${suffix}`, leader.port, leaderName)
  generation.addSrv(`_leader._udp${suffix}`, leader.port, leaderName)

  const isLeader = ({ host, port }: HostPort): boolean =>
    port === leader.port &&
    generation.addressesOf(host).some((address) => leaderAddresses.includes(address))

  let index = 0
  let leaderHasIndex = false
  const number = (addresses: readonly string[]) => {
    for (const address of addresses) generation.addAddress(`master${index}${suffix}`, address)
    index++
  }
  for (const master of input.masters) {
    const addresses = generation.addressesOf(master.host)
    if (isLeader(master)) {
      if (!leaderHasIndex) number(addresses)
      leaderHasIndex = true
    } else if (addresses.length === 0) {
      // Its number waits for it, or those behind it would change names with its resolver's mood.
      index++
    } else if (addresses.filter((address) => generation.addAddress(all, address)).length > 0) {
      number(addresses)
    }
  }
  if (leaderHasIndex) return
  number(leaderAddresses)
  if (input.masters.length > 0) {
    generation.report(
      'leader-not-listed',
      leader.host,
      'the leading master is not in the list of masters, it got the number after the last',
    )
  }
}
