import type { Report } from '../report.ts'
import { AgentCollector, oddAgent, readAgent } from './decode-agent.ts'
import { decodeFrameworkInfo, type FrameworkInfo } from './decode-framework.ts'
import { decodeTask, V1_TASK } from './decode-task.ts'
import { StateFormatError } from './errors.ts'
import type { Agent, ClusterState, Framework, Task } from './model.ts'
import { describe, isObject, readV1Id, readWholeList } from './narrow.ts'

/**
 * Decodes the answer to `GET_STATE` of `/api/v1` (or its `get_state` alone, as `SUBSCRIBED` carries
 * it), with the same leniency as decodeState. The v1 API tells neither the leader nor schedulers'
 * pids here, so those are undefined.
 */
export function decodeV1State(json: unknown, report: Report): ClusterState {
  const state = isObject(json) && isObject(json.get_state) ? json.get_state : json
  if (!isObject(state) || !('get_agents' in state || 'get_frameworks' in state)) {
    throw new StateFormatError(
      'this is no Mesos v1 state: it has neither get_agents nor get_frameworks; expected the answer to GET_STATE',
    )
  }
  return {
    leader: undefined,
    agents: decodeAgents(listIn(state.get_agents, 'agents'), report),
    frameworks: joinTasks(
      decodeFrameworks(listIn(state.get_frameworks, 'frameworks'), report),
      listIn(state.get_tasks, 'tasks'),
      report,
    ),
  }
}

function listIn(value: unknown, key: string): readonly unknown[] {
  return readWholeList(isObject(value) ? value[key] : value, `get_${key}.${key}`)
}

function decodeAgents(list: readonly unknown[], report: Report): ReadonlyMap<string, Agent> {
  const collector = new AgentCollector(report)
  for (const raw of list) {
    const info = isObject(raw) ? raw.agent_info : undefined
    collector.add(
      isObject(raw) && isObject(info)
        ? readAgent(readV1Id(info.id), raw.pid, report)
        : oddAgent(raw, report),
    )
  }
  return collector.agents
}

function decodeFrameworks(list: readonly unknown[], report: Report): FrameworkInfo[] {
  const frameworks: FrameworkInfo[] = []
  for (const raw of list) {
    const info = isObject(raw) ? raw.framework_info : undefined
    if (!isObject(info)) {
      report.add('framework-odd', '', `framework is ${describe(raw)}; left out`)
      continue
    }
    const framework = decodeFrameworkInfo(info, readV1Id(info.id), report)
    if (framework !== undefined) frameworks.push(framework)
  }
  return frameworks
}

/** v1 lists all tasks flat; `/state` nests them below their framework. */
function joinTasks(
  infos: readonly FrameworkInfo[],
  list: readonly unknown[],
  report: Report,
): readonly Framework[] {
  const frameworks = infos.map((info) => ({ ...info, tasks: [] as Task[] }))
  const byId = new Map(frameworks.map((framework) => [framework.id, framework]))
  for (const raw of list) {
    const frameworkId = isObject(raw) ? (readV1Id(raw.framework_id) ?? '') : ''
    const task = decodeTask(raw, frameworkId, V1_TASK, report)
    if (task === undefined) continue
    const framework = byId.get(frameworkId)
    if (framework === undefined) {
      const object = `${frameworkId}/${task.id}`
      report.add('task-without-framework', object, 'its framework is not in the state; left out')
    } else {
      framework.tasks.push(task)
    }
  }
  return frameworks
}
