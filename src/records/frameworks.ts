import type { Framework } from '../state/model.ts'
import { RANK } from './contribution.ts'
import type { Contributor } from './contributor.ts'
import type { Conventions } from './conventions.ts'
import { addressesOfHost, areSameAddresses } from './hosts.ts'
import type { RecordsInput } from './input.ts'
import { isReserved } from './reserved.ts'

/** A framework with its name mangled and its scheduler's host name resolved. */
export interface FrameworkView {
  readonly framework: Framework
  /** Mangled; its dots separate labels. */
  readonly name: string
  /**
   * Whether it is called `x.slave` beside one called `x`: `web.x.slave.domain.` is where x's agents
   * are, and no other framework's tasks may slip in there.
   */
  readonly isShadowed: boolean
  /** Where its scheduler runs; `''` if unknown. */
  readonly host: string
  /** Canonical; empty if its host is unknown or could not be resolved. */
  readonly addresses: readonly string[]
}

const SLAVE = '.slave'

/** The frameworks in their order. */
export function viewFrameworks(
  { state, hosts }: RecordsInput,
  { rules }: Conventions,
): readonly FrameworkView[] {
  const mangled = state.frameworks.map(({ name }) => rules.domainFragment(name))
  const names = new Set(mangled)
  return state.frameworks.map((framework, i) => {
    const name = mangled[i] ?? ''
    const host = framework.pid?.host ?? framework.hostname
    return {
      framework,
      name,
      isShadowed: name.endsWith(SLAVE) && names.has(name.slice(0, -SLAVE.length)),
      host,
      addresses: host === '' ? [] : addressesOfHost(host, hosts),
    }
  })
}

/** Where the framework's scheduler runs, and, if it has a pid, its port. */
export function contributeFramework(view: FrameworkView, to: Contributor): void {
  const { framework, name, host, addresses } = view
  if (host === '') return
  const owner = name + to.conventions.suffix
  if (isReserved(name, to.conventions)) {
    to.report(
      'name-reserved',
      owner,
      `framework ${JSON.stringify(framework.name)} gets no address and no _framework record: the name is reserved`,
    )
    return
  }
  if (addresses.length === 0) {
    to.reportUnresolved(host)
    return
  }
  for (const address of addresses) to.address(owner, address, RANK.SERVED)
  if (framework.pid !== undefined && to.fits(owner)) {
    to.srv(`_framework._tcp.${owner}`, framework.pid.port, owner, RANK.SERVED)
  }
}

/** Whether what a framework contributes apart from its tasks is the same. */
export function isSameScheduler(a: FrameworkView, b: FrameworkView): boolean {
  return (
    a.framework.name === b.framework.name &&
    a.host === b.host &&
    a.framework.pid?.port === b.framework.pid?.port &&
    areSameAddresses(a.addresses, b.addresses)
  )
}
