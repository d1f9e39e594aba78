import type { ClusterEvent, TaskUpdated } from '../cluster-event.ts'
import type { FrameworkInfo } from '../decode-framework.ts'
import type { Agent, Task } from '../model.ts'
import type { FailoverHold } from './failover-hold.ts'
import type { LiveCluster } from './live-cluster.ts'
import { type ObjectProblems, taskObject } from './object-problems.ts'
import type { PollWindows } from './poll-window.ts'
import { withKnownPid } from './scheduler.ts'
import { isEarlier, isGone, updateTask } from './task-life.ts'
import type { WaitingTasks } from './waiting-tasks.ts'

/** All that an event can change. */
export interface Followed {
  readonly cluster: LiveCluster
  readonly waiting: WaitingTasks
  readonly problems: ObjectProblems
  readonly windows: PollWindows
  readonly hold: FailoverHold | undefined
  /** Milliseconds of the hold's clock. */
  readonly now: number
}

/**
 * Applies an event. Returns whether a `/state` should be fetched soon, because the event leaves
 * something open that only that tells.
 */
export function applyEvent(event: ClusterEvent, to: Followed): boolean {
  switch (event.kind) {
    case 'task-added':
      return addTask(event.frameworkId, event.task, event, to)
    case 'task-updated':
      return updateKnownTask(event, to)
    case 'agent-added':
      return addAgent(event.agent, event, to)
    case 'agent-removed':
      return removeAgent(event.agentId, to)
    case 'framework':
      return putFramework(event.framework, event, to)
    case 'framework-removed':
      return removeFramework(event.frameworkId, to)
  }
}

type Odd = Pick<ClusterEvent, 'problems'>

function addTask(frameworkId: string, task: Task, { problems }: Odd, to: Followed): boolean {
  const { cluster } = to
  confirmTask(frameworkId, task.id, to)
  if (isGone(task.state)) {
    removeTask(frameworkId, task.id, to)
    return false
  }
  if (!cluster.frameworks.has(frameworkId)) {
    to.waiting.put(frameworkId, task)
    return true
  }
  const known = cluster.task(frameworkId, task.id)
  if (known !== undefined && isEarlier(task, known)) return false
  cluster.putTask(frameworkId, task)
  to.problems.replace(taskObject(frameworkId, task.id), problems)
  return false
}

function updateKnownTask(event: TaskUpdated & Odd, to: Followed): boolean {
  const { frameworkId, taskId, state, problems, removedAgentId } = event
  confirmTask(frameworkId, taskId, to)
  if (isGone(state)) {
    removeTask(frameworkId, taskId, to)
    if (removedAgentId === undefined) return false
    // Its tasks' last words are all that is told of an agent that is lost.
    if (!to.cluster.hasTasksOn(removedAgentId)) removeAgent(removedAgentId, to)
    return true
  }
  const waiting = to.waiting.get(frameworkId, taskId)
  if (waiting !== undefined) {
    const updated = updateTask(waiting, event)
    if (updated !== undefined) to.waiting.put(frameworkId, updated)
    return true
  }
  const known = to.cluster.task(frameworkId, taskId)
  if (known === undefined) return true
  const updated = updateTask(known, event)
  if (updated === undefined) return false
  to.cluster.putTask(frameworkId, updated)
  to.problems.add(taskObject(frameworkId, taskId), problems)
  return removedAgentId !== undefined
}

/** The master knows of the task, whatever it says of it. */
function confirmTask(frameworkId: string, taskId: string, to: Followed): void {
  to.windows.touchTask(frameworkId, taskId)
  const agentId = to.cluster.task(frameworkId, taskId)?.agentId
  to.hold?.confirmTask(frameworkId, { id: taskId, agentId }, to.now)
  confirmFramework(frameworkId, to)
}

function confirmFramework(id: string, { hold, cluster }: Followed): void {
  hold?.confirmFramework(id, cluster.frameworks.get(id)?.info.pid !== undefined)
}

function removeTask(frameworkId: string, taskId: string, to: Followed): void {
  to.waiting.delete(frameworkId, taskId)
  if (to.cluster.removeTask(frameworkId, taskId)) {
    to.problems.replace(taskObject(frameworkId, taskId), [])
  }
}

function addAgent(agent: Agent, { problems }: Odd, to: Followed): boolean {
  to.windows.touchAgent(agent.id)
  to.hold?.confirmAgents([agent.id], to.now)
  to.cluster.putAgent(agent)
  to.problems.replace(agent.id, problems)
  return false
}

function removeAgent(id: string, to: Followed): boolean {
  to.windows.touchAgent(id)
  to.hold?.forgetAgent(id)
  to.cluster.removeAgent(id)
  to.problems.replace(id, [])
  for (const { frameworkId, task } of [...to.cluster.tasksOn(id), ...to.waiting.on(id)]) {
    to.windows.touchTask(frameworkId, task.id)
    to.hold?.tasks.delete(frameworkId, task.id)
    removeTask(frameworkId, task.id, to)
  }
  return false
}

/** The event never tells a pid, and a scheduler that is back can have another one than before. */
function putFramework(told: FrameworkInfo, { problems }: Odd, to: Followed): boolean {
  const { id } = told
  to.windows.touchFramework(id)
  to.cluster.putFramework(withKnownPid(told, to.cluster.frameworks.get(id)?.info))
  confirmFramework(id, to)
  to.problems.replace(id, problems)
  for (const task of to.waiting.take(id)) to.cluster.putTask(id, task)
  return true
}

function removeFramework(id: string, to: Followed): boolean {
  to.windows.touchFramework(id)
  to.hold?.forgetFramework(id)
  to.waiting.take(id)
  if (to.cluster.removeFramework(id)) to.problems.deleteFramework(id)
  return false
}
