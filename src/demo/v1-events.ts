import { isListed } from './agent.ts'
import type { ClusterChange } from './change.ts'
import type { SimulatedFramework, SimulatedStatus, SimulatedTask, TaskState } from './model.ts'
import {
  agentObject,
  frameworkInfo,
  frameworkObject,
  stagingTask,
  statusObject,
  taskObject,
} from './v1-object.ts'

type Json = Record<string, unknown>

export const HEARTBEAT: Json = { type: 'HEARTBEAT' }

/** The events by which the leader tells subscribers of a change, at the moment of it; of some it tells nothing. */
export function eventsOf(change: ClusterChange): readonly Json[] {
  switch (change.kind) {
    case 'task-launched':
      return isListed(change.task.agent) ? launched(change.task) : []
    case 'task-updated':
      return isHeardOf(change.task) ? lastUpdate(change.task) : []
    case 'task-health':
      return change.announced && isListed(change.task.agent) ? lastUpdate(change.task) : []
    case 'task-returned':
      return [{ type: 'TASK_ADDED', task_added: { task: taskObject(change.task) } }]
    case 'agent-registered':
      return [{ type: 'AGENT_ADDED', agent_added: { agent: agentObject(change.agent) } }]
    case 'agent-removed':
      return change.unregistered
        ? [{ type: 'AGENT_REMOVED', agent_removed: { agent_id: { value: change.agent.id } } }]
        : []
    case 'framework-subscribed':
      return [change.known ? frameworkUpdated(change) : frameworkAdded(change)]
    case 'framework-recovered':
      return [frameworkAdded(change)]
    case 'framework-removed':
      return [
        {
          type: 'FRAMEWORK_REMOVED',
          framework_removed: { framework_info: frameworkInfo(change.framework) },
        },
      ]
    default:
      return []
  }
}

type OfFramework = Extract<ClusterChange, { kind: 'framework-subscribed' | 'framework-recovered' }>

function frameworkAdded({ framework }: OfFramework): Json {
  return { type: 'FRAMEWORK_ADDED', framework_added: { framework: liveFramework(framework) } }
}

function frameworkUpdated({ framework }: OfFramework): Json {
  return { type: 'FRAMEWORK_UPDATED', framework_updated: { framework: liveFramework(framework) } }
}

/** Only events tell this of a framework that is there. */
function liveFramework(framework: SimulatedFramework): Json {
  return { ...frameworkObject(framework), unregistered_time: { nanoseconds: 0 } }
}

/** A leader hears of a task through its agent, and otherwise only makes statuses itself. */
function isHeardOf({ agent, statuses }: SimulatedTask): boolean {
  return isListed(agent) || (agent.status === 'unreachable' && isMadeByMaster(statuses.at(-1)))
}

function isMadeByMaster(status: SimulatedStatus | undefined): boolean {
  return status?.masterMessage !== undefined
}

/** As fast tasks do it, which have the last state before the first status has arrived: each event tells both. */
function launched(task: SimulatedTask): Json[] {
  const added = { type: 'TASK_ADDED', task_added: { task: stagingTask(task) } }
  return [added, ...task.statuses.map((status) => taskUpdated(task, status, task.state))]
}

function lastUpdate(task: SimulatedTask): Json[] {
  const status = task.statuses.at(-1)
  return status === undefined ? [] : [taskUpdated(task, status, task.state)]
}

function taskUpdated(task: SimulatedTask, status: SimulatedStatus, state: TaskState): Json {
  return {
    type: 'TASK_UPDATED',
    task_updated: {
      framework_id: { value: task.framework.id },
      status: statusObject(task, status),
      state,
    },
  }
}
