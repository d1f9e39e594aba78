import type { FrameworkInfo } from '../decode-framework.ts'
import type { FullState } from '../full-state.ts'
import type { Framework } from '../model.ts'
import type { LiveCluster, OwnedTask } from './live-cluster.ts'
import type { Missing } from './missing.ts'
import type { PollWindow } from './poll-window.ts'
import { isSameScheduler, withKnownPid } from './scheduler.ts'
import { isRunning } from './task-life.ts'

/** How a cluster differed from a whole state. */
export interface Merge {
  /** Still in the cluster. */
  readonly missing: Missing
  /** Likewise, but there by the word of events. */
  readonly touched: Missing
  /** Agents, frameworks and running tasks that were added or changed. */
  readonly differences: number
  /** Whether frameworks were added or changed. */
  readonly hasOtherFrameworks: boolean
  /** Frameworks that the state lists without a pid, and that keep the one that was known. */
  readonly withoutPid: readonly string[]
  /** Whether every agent and task is the very object that the state has. */
  readonly isIdentical: boolean
}

export interface MergeOptions {
  /** What events have touched since the state was asked for: their word stays. */
  readonly window: PollWindow
  /** Whether a framework that is listed without a pid keeps the one that is known. */
  readonly keepsPid: (frameworkId: string) => boolean
}

/** Brings into a cluster what a whole state lists, and tells what it does not list. */
export function mergeState(
  cluster: LiveCluster,
  full: FullState,
  { window, keepsPid }: MergeOptions,
): Merge {
  const { leader, agents, frameworks } = full.state
  let differences = 0
  let isIdentical = true
  let hasOtherFrameworks = false
  const withoutPid: string[] = []
  const listed = new Map(frameworks.map((framework) => [framework.id, framework]))

  if (full.form === 'state') cluster.setLeader(leader)
  for (const [id, agent] of agents) {
    if (window.agents.has(id)) continue
    if (cluster.putAgent(agent)) differences++
    if (cluster.agents.get(id) !== agent) isIdentical = false
  }
  for (const [id, framework] of listed) {
    const known = cluster.frameworks.get(id)?.info
    const isTouched = window.frameworks.has(id)
    // An event has removed it.
    if (isTouched && known === undefined) continue
    const told = infoOf(framework)
    const info = keepsPid(id) ? withKnownPid(told, known) : told
    if (info !== told) withoutPid.push(id)
    if (isTouched && known !== undefined) cluster.putFramework(withKnownPid(known, told))
    else if (cluster.putFramework(info)) {
      hasOtherFrameworks = true
      // A pid that the stream could not tell is not its fault.
      if (known === undefined || !isSameScheduler(known, info)) differences++
    }
    const touched = window.tasks.of(id)
    // What a `/state` and the next one say in the same words are the same objects.
    const tasks = mergeTasks(cluster, framework, { touched, comesAgain: full.form === 'state' })
    differences += tasks.differences
    isIdentical &&= tasks.areIdentical
  }
  if (full.form === 'state') cluster.orderFrameworks(listed.keys())
  const { missing, touched } = findMissing(cluster, full.state.agents, listed, window)
  return { missing, touched, differences, hasOtherFrameworks, withoutPid, isIdentical }
}

function infoOf({ id, name, pid, hostname }: Framework): FrameworkInfo {
  return { id, name, pid, hostname }
}

function mergeTasks(
  cluster: LiveCluster,
  { id: frameworkId, tasks }: Framework,
  { touched, comesAgain }: { touched: ReadonlySet<string> | undefined; comesAgain: boolean },
): { differences: number; areIdentical: boolean } {
  let differences = 0
  let areIdentical = true
  const live = cluster.frameworks.get(frameworkId)
  for (const task of tasks) {
    if (touched?.has(task.id)) continue
    const before = live?.task(task.id)
    if (before === task) continue
    if (live?.isTwin(task)) {
      areIdentical = false
    } else if (cluster.putTask(frameworkId, task)) {
      if (isRunning(task) || isRunning(before)) differences++
    } else {
      areIdentical = false
      if (comesAgain) live?.setTwin(task)
    }
  }
  return { differences, areIdentical }
}

function findMissing(
  cluster: LiveCluster,
  agents: ReadonlyMap<string, unknown>,
  listed: ReadonlyMap<string, Framework>,
  window: PollWindow,
): Pick<Merge, 'missing' | 'touched'> {
  const missing = noneYet()
  const touched = noneYet()
  for (const id of cluster.agents.keys()) {
    if (!agents.has(id)) (window.agents.has(id) ? touched : missing).agents.push(id)
  }
  for (const [id, live] of cluster.frameworks) {
    const framework = listed.get(id)
    const touchedTasks = window.tasks.of(id)
    const taskIds = new Set<string>()
    for (const task of framework?.tasks ?? []) taskIds.add(task.id)
    let isTouched = window.frameworks.has(id)
    for (const task of live.tasks()) {
      const isTouchedTask = touchedTasks?.has(task.id) === true
      if (isTouchedTask) isTouched = true
      if (taskIds.has(task.id)) continue
      const unlisted = isTouchedTask ? touched : missing
      unlisted.tasks.push({ frameworkId: id, task })
    }
    if (framework === undefined) (isTouched ? touched : missing).frameworks.push(id)
  }
  return { missing, touched }
}

function noneYet(): { agents: string[]; frameworks: string[]; tasks: OwnedTask[] } {
  return { agents: [], frameworks: [], tasks: [] }
}

/**
 * Takes from a `/state` only what the v1 API does not tell: for one that may be older than what is
 * known.
 */
export function completeFrom(cluster: LiveCluster, { state, form }: FullState): void {
  if (form !== 'state') return
  cluster.setLeader(state.leader)
  for (const framework of state.frameworks) {
    const known = cluster.frameworks.get(framework.id)?.info
    if (known !== undefined) cluster.putFramework(withKnownPid(known, infoOf(framework)))
  }
}
