import type { SimulatedCluster } from './cluster.ts'
import type { SimulatedAgent, SimulatedFramework, SimulatedTask } from './model.ts'

/** Agents of one status that the leader knows of. */
export function agentsOf(
  cluster: SimulatedCluster,
  status: SimulatedAgent['status'],
): SimulatedAgent[] {
  if (!cluster.registryRecovered) return []
  return [...cluster.agents].filter((agent) => agent.status === status)
}

/** Frameworks the leader knows of: after a failover only those that are back, or whose tasks are. */
export function frameworksOf(cluster: SimulatedCluster): SimulatedFramework[] {
  if (!cluster.registryRecovered) return []
  return [...cluster.frameworks].filter(
    (framework) => framework.status !== 'recovered' || knownTasks(framework).length > 0,
  )
}

/** A framework's tasks on agents that have registered. */
export function knownTasks(framework: SimulatedFramework): SimulatedTask[] {
  return [...framework.tasks].filter((task) => task.agent.status === 'registered')
}
