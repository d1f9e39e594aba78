import { RANK } from './contribution.ts'
import type { Contributor } from './contributor.ts'
import { addressesOfHost, areSameAddresses } from './hosts.ts'
import type { RecordsInput } from './input.ts'

/** An agent with its host name resolved. */
export interface AgentView {
  readonly host: string
  readonly port: number
  /** What the resolver gave for the host name; undefined where it gave nothing or was not asked. */
  readonly resolved: readonly string[] | undefined
  /** Canonical; empty if its host name could not be resolved. */
  readonly addresses: readonly string[]
  /** The end of its id, as canonical task names carry it: `…-S12` → `s12`. */
  readonly tail: string
}

export type AgentViews = ReadonlyMap<string, AgentView>

/** The agents by id. Views that `previous` has just like that are taken from there. */
export function viewAgents({ state, hosts }: RecordsInput, previous?: AgentViews): AgentViews {
  const views = new Map<string, AgentView>()
  for (const { id, pid } of state.agents.values()) {
    const { host, port } = pid
    const resolved = hosts.get(host)
    const known = previous?.get(id)
    if (known?.host === host && known.port === port && known.resolved === resolved) {
      views.set(id, known)
      continue
    }
    const tail = id.slice(id.lastIndexOf('-') + 1).toLowerCase()
    views.set(id, { host, port, resolved, addresses: addressesOfHost(host, hosts), tail })
  }
  return views
}

/** `slave.domain.` and `_slave._tcp.domain.` */
export function contributeAgent({ host, port, addresses }: AgentView, to: Contributor): void {
  const { suffix } = to.conventions
  if (addresses.length === 0) {
    to.reportUnresolved(host)
    return
  }
  const owner = `slave${suffix}`
  for (const address of addresses) {
    to.address(owner, address, RANK.SERVED)
    to.agentAddress(address)
  }
  to.srv(`_slave._tcp${suffix}`, port, owner, RANK.SERVED)
}

/** Whether what an agent, apart from its tasks, contributes is the same. */
export function isSameAgent(a: AgentView, b: AgentView): boolean {
  return a === b || (a.host === b.host && a.port === b.port && isSameForTasks(a, b))
}

/** Whether what the tasks on an agent, of one id, contribute is the same. */
export function isSameForTasks(a: AgentView, b: AgentView): boolean {
  return a === b || areSameAddresses(a.addresses, b.addresses)
}
