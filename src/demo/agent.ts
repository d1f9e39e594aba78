import type { HostPort } from '../net/address.ts'
import type { SimulatedAgent } from './model.ts'

/** The agent of that index, registered; without an address it gets the next one of 10.0.0.0/8. */
export function newAgent(
  clusterId: string,
  index: number,
  address: HostPort | undefined,
  now: number,
): SimulatedAgent {
  return {
    id: `${clusterId}-S${index}`,
    index,
    hostname: `agent-${index}.example.test`,
    address: address ?? { host: `10.0.${(index + 1) >> 8}.${(index + 1) & 255}`, port: 5051 },
    status: 'registered',
    registeredTime: now,
    reregisteredTime: undefined,
    tasks: new Set(),
    usedPorts: new Set(),
    containers: 0,
  }
}

/** Whether the leader lists it among its agents, and its tasks among those that run. */
export function isListed({ status }: Pick<SimulatedAgent, 'status'>): boolean {
  return status === 'registered' || status === 'disconnected'
}
