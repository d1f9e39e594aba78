import type { Framework } from '../state/model.ts'
import type { Generation } from './generation.ts'
import { isReserved } from './reserved.ts'

/** Where each framework's scheduler runs, and, if it has a pid, its port. */
export function addFrameworks(generation: Generation): void {
  for (const framework of generation.input.state.frameworks) addFramework(framework, generation)
}

function addFramework(framework: Framework, generation: Generation): void {
  const host = framework.pid?.host ?? framework.hostname
  if (host === '') return
  const name = generation.rules.domainFragment(framework.name)
  const owner = name + generation.suffix
  if (isReserved(name, generation)) {
    generation.report(
      'name-reserved',
      owner,
      `framework ${JSON.stringify(framework.name)} gets no address and no _framework record: the name is reserved`,
    )
    return
  }
  const addresses = generation.addressesOf(host)
  if (addresses.length === 0) return
  for (const address of addresses) generation.addAddress(owner, address)
  if (framework.pid !== undefined && generation.fits(owner)) {
    generation.addSrv(`_framework._tcp.${owner}`, framework.pid.port, owner)
  }
}
