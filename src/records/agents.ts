import type { Generation } from './generation.ts'

/** What tasks need of their agent. */
export interface AgentView {
  /** Canonical; empty if its host name could not be resolved. */
  readonly addresses: readonly string[]
  /** The end of its id, as canonical task names carry it: `…-S12` → `s12`. */
  readonly tail: string
}

/** Adds `slave.domain.` and `_slave._tcp.domain.`; returns the agents by id. */
export function addAgents(generation: Generation): ReadonlyMap<string, AgentView> {
  const owner = `slave${generation.suffix}`
  const service = `_slave._tcp${generation.suffix}`
  const views = new Map<string, AgentView>()
  for (const { id, pid } of generation.input.state.agents.values()) {
    const addresses = generation.addressesOf(pid.host)
    views.set(id, { addresses, tail: id.slice(id.lastIndexOf('-') + 1).toLowerCase() })
    if (addresses.length === 0) continue
    for (const address of addresses) generation.addAddress(owner, address)
    generation.addSrv(service, pid.port, owner)
  }
  return views
}
