import type { Report } from '../report.ts'
import { AgentCollector, oddAgent, readAgent } from './decode-agent.ts'
import { decodeFrameworkInfo, type FrameworkInfo, oddFramework } from './decode-framework.ts'
import { decodeTask, V1_TASK } from './decode-task.ts'
import { StateFormatError } from './errors.ts'
import type { Agent, ClusterState, Framework, Task } from './model.ts'
import { describe, isObject, type JsonObject, readV1Id, readWholeList } from './narrow.ts'

/**
 * Decodes the answer to `GET_STATE` of `/api/v1`, the record `SUBSCRIBED` that carries one, or the `get_state` in them,
 * with the same leniency as decodeState. The v1 API tells neither the leader nor schedulers' pids
 * here, so those are undefined.
 */
export function decodeV1State(json: unknown, report: Report): ClusterState {
  const state = v1StateIn(json)
  const list = (name: V1List) => readWholeList(v1ListIn(state, name), `get_${name}.${name}`)
  const [agents, frameworks, tasks] = [list('agents'), list('frameworks'), list('tasks')]
  const collector = new AgentCollector(report)
  for (const raw of agents) collector.add(decodeV1Agent(raw, report))
  const joiner = new TaskJoiner(report)
  for (const raw of frameworks) joiner.addFramework(decodeV1Framework(raw, report))
  for (const raw of tasks) {
    const frameworkId = v1FrameworkIdOf(raw)
    joiner.addTask(frameworkId, decodeTask(raw, frameworkId, V1_TASK, report))
  }
  return { leader: undefined, agents: collector.agents, frameworks: joiner.frameworks }
}

/** The state in an answer or record. Throws StateFormatError if there is none. */
export function v1StateIn(json: unknown): JsonObject {
  const record = isObject(json) && isObject(json.subscribed) ? json.subscribed : json
  const state = isObject(record) && isObject(record.get_state) ? record.get_state : record
  if (isObject(state) && ('get_agents' in state || 'get_frameworks' in state)) return state
  throw new StateFormatError(
    'this is no Mesos v1 state: it has neither get_agents nor get_frameworks; expected the answer to GET_STATE',
  )
}

export type V1List = 'agents' | 'frameworks' | 'tasks'

/** What is in the place of a list of the state, undefined if it is absent. */
export function v1ListIn(state: JsonObject, name: V1List): unknown {
  const answer = state[`get_${name}`]
  if (isObject(answer)) return answer[name]
  if (answer === undefined || answer === null) return undefined
  throw new StateFormatError(
    `get_${name} of the state is ${describe(answer)} instead of an object; expected the answer to GET_STATE`,
  )
}

/** The framework of an element of `get_tasks.tasks`; `''` if that is odd. */
export function v1FrameworkIdOf(task: unknown): string {
  return isObject(task) ? (readV1Id(task.framework_id) ?? '') : ''
}

/** An element of `get_agents.agents`. */
export function decodeV1Agent(raw: unknown, report: Report): Agent | undefined {
  const info = isObject(raw) ? raw.agent_info : undefined
  return isObject(raw) && isObject(info)
    ? readAgent(readV1Id(info.id), raw.pid, report)
    : oddAgent(raw, report)
}

/** An element of `get_frameworks.frameworks`. */
export function decodeV1Framework(raw: unknown, report: Report): FrameworkInfo | undefined {
  const info = isObject(raw) ? raw.framework_info : undefined
  return isObject(info)
    ? decodeFrameworkInfo(info, readV1Id(info.id), report)
    : oddFramework(raw, report)
}

/** Joins what v1 lists flat: `/state` nests tasks below their framework. */
export class TaskJoiner {
  /** In the order in which they were added. */
  readonly frameworks: Framework[] = []
  readonly #tasks = new Map<string, Task[]>()
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  /** Takes a framework; all of them come before the tasks. */
  addFramework(info: FrameworkInfo | undefined): void {
    if (info === undefined) return
    const tasks: Task[] = []
    this.frameworks.push({ ...info, tasks })
    this.#tasks.set(info.id, tasks)
  }

  addTask(frameworkId: string, task: Task | undefined): void {
    if (task === undefined) return
    const tasks = this.#tasks.get(frameworkId)
    if (tasks !== undefined) {
      tasks.push(task)
      return
    }
    const object = `${frameworkId}/${task.id}`
    const detail = 'its framework is not in the state; left out'
    this.#report.add('task-without-framework', object, detail)
  }
}
