import { isListed } from './agent.ts'
import type { SimulatedCluster } from './cluster.ts'
import type { SimulatedAgent, SimulatedFramework, SimulatedTask } from './model.ts'

/**
 * What somebody knows of a cluster at one moment. It is a picture: what happens to the cluster afterwards does not
 * show in it, so documents can be made from it little by little.
 */
export interface View {
  readonly agents: readonly SimulatedAgent[]
  /** Known from the registry only. */
  readonly recoveredAgents: readonly SimulatedAgent[]
  readonly unreachableAgents: number
  readonly frameworks: readonly FrameworkView[]
  readonly completedFrameworks: readonly FrameworkView[]
}

export interface FrameworkView extends Omit<SimulatedFramework, 'tasks' | 'unreachable'> {
  readonly tasks: readonly SimulatedTask[]
  readonly unreachable: readonly SimulatedTask[]
}

export const EMPTY_VIEW: View = {
  agents: [],
  recoveredAgents: [],
  unreachableAgents: 0,
  frameworks: [],
  completedFrameworks: [],
}

/** What the leader knows: after a failover only what has come back to it. */
export function leaderView(cluster: SimulatedCluster): View {
  if (!cluster.registryRecovered) return EMPTY_VIEW
  const agents = [...cluster.agents]
  return {
    agents: agents.filter(isListed).map(agentPicture),
    recoveredAgents: agents.filter(({ status }) => status === 'recovered').map(agentPicture),
    unreachableAgents: agents.filter(({ status }) => status === 'unreachable').length,
    frameworks: [...cluster.frameworks]
      .filter(({ status }) => status !== 'unknown')
      .map((framework) => frameworkPicture(framework, isListed)),
    completedFrameworks: completed(cluster),
  }
}

/** What there is, whether or not the leader has heard of it: every agent that is not lost, and what runs on them. */
export function truth(cluster: SimulatedCluster): View {
  const exists = ({ status }: SimulatedAgent) => status !== 'unreachable'
  const agents = [...cluster.agents]
  return {
    agents: agents.filter(exists).map(agentPicture),
    recoveredAgents: [],
    unreachableAgents: agents.length - agents.filter(exists).length,
    frameworks: [...cluster.frameworks].map((framework) => frameworkPicture(framework, exists)),
    completedFrameworks: completed(cluster),
  }
}

function completed({ completedFrameworks }: SimulatedCluster): FrameworkView[] {
  return completedFrameworks.map((framework) => frameworkPicture(framework, () => true))
}

function agentPicture(agent: SimulatedAgent): SimulatedAgent {
  return { ...agent }
}

function frameworkPicture(
  framework: SimulatedFramework,
  isThere: (agent: SimulatedAgent) => boolean,
): FrameworkView {
  return {
    ...framework,
    tasks: [...framework.tasks].filter(({ agent }) => isThere(agent)).map(taskPicture),
    unreachable: [...framework.unreachable].map(taskPicture),
    completed: [...framework.completed],
  }
}

/** The lists of statuses and addresses in it are replaced and never changed. */
function taskPicture(task: SimulatedTask): SimulatedTask {
  return { ...task }
}
