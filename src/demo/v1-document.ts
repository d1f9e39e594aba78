import { LazyList } from './lazy-list.ts'
import type { SimulatedMaster, SimulatedTask } from './model.ts'
import { MESOS_VERSION, masterPid } from './state-document.ts'
import { agentInfo, agentObject, frameworkObject, taskObject, taskObjectText } from './v1-object.ts'
import type { FrameworkView, View } from './view.ts'

type Json = Record<string, unknown>

/** Makes the answer to a v1 call that only reads, before it is made JSON text. */
export type CallAnswer = (view: View, master: SimulatedMaster) => Json

/** The member of an answer that bears the call's name, for the calls a master of the simulation knows. */
const ANSWERS: ReadonlyMap<string, CallAnswer> = new Map<string, CallAnswer>([
  ['GET_STATE', getState],
  ['GET_AGENTS', getAgents],
  ['GET_FRAMEWORKS', getFrameworks],
  ['GET_TASKS', getTasks],
  ['GET_HEALTH', () => ({ healthy: true })],
  ['GET_VERSION', () => ({ version_info: MESOS_VERSION })],
  ['GET_MASTER', (_view, master) => getMaster(master)],
])

/** Makes the answer to a v1 call other than SUBSCRIBE; undefined if there is no such call. */
export function answererOf(type: string): CallAnswer | undefined {
  const answer = ANSWERS.get(type)
  if (answer === undefined) return undefined
  return (view, master) => ({ type, [type.toLowerCase()]: answer(view, master) })
}

/** The first record of a stream of events. */
export function subscribedDocument(view: View, heartbeatSeconds: number): Json {
  const subscribed = { get_state: getState(view), heartbeat_interval_seconds: heartbeatSeconds }
  return { type: 'SUBSCRIBED', subscribed }
}

function getState(view: View): Json {
  return {
    get_tasks: getTasks(view),
    get_executors: { executors: [] },
    get_frameworks: getFrameworks(view),
    get_agents: getAgents(view),
  }
}

function getTasks({ frameworks }: View): Json {
  const list = (pick: (framework: FrameworkView) => readonly SimulatedTask[]) =>
    new LazyList(frameworks.flatMap(pick), taskObject, taskObjectText)
  return {
    tasks: list(({ tasks }) => tasks),
    unreachable_tasks: list(({ unreachable }) => unreachable),
    completed_tasks: list(({ completed }) => completed),
  }
}

function getFrameworks({ frameworks, completedFrameworks }: View): Json {
  return {
    frameworks: frameworks.map((framework) => ({
      ...frameworkObject(framework),
      offer_constraints: {},
    })),
    completed_frameworks: completedFrameworks.map(frameworkObject),
  }
}

function getAgents({ agents, recoveredAgents }: View): Json {
  return {
    agents: new LazyList(agents, agentObject),
    recovered_agents: new LazyList(recoveredAgents, agentInfo),
  }
}

function getMaster(master: SimulatedMaster): Json {
  const { id, hostname, address, startTime, electedTime } = master
  const { host: ip, port } = address
  return {
    master_info: {
      id,
      port,
      hostname,
      pid: masterPid(master),
      version: MESOS_VERSION.version,
      address: { hostname, ip, port },
    },
    start_time: startTime,
    elected_time: electedTime,
  }
}
