import type { Task } from '../model.ts'
import type { LiveCluster, OwnedTask } from './live-cluster.ts'
import type { PollWindow } from './poll-window.ts'

/** A peer that tells of more tasks without their frameworks is not followed further than this. */
const MOST = 10_000

/** Tasks that were told of before their framework was. */
export class WaitingTasks {
  readonly #byFramework = new Map<string, Map<string, Task>>()
  #size = 0

  get(frameworkId: string, taskId: string): Task | undefined {
    return this.#byFramework.get(frameworkId)?.get(taskId)
  }

  /** Beyond the bound a new one is left out. */
  put(frameworkId: string, task: Task): void {
    const isNew = this.get(frameworkId, task.id) === undefined
    if (isNew && this.#size >= MOST) return
    let tasks = this.#byFramework.get(frameworkId)
    if (tasks === undefined) {
      tasks = new Map()
      this.#byFramework.set(frameworkId, tasks)
    }
    tasks.set(task.id, task)
    if (isNew) this.#size++
  }

  delete(frameworkId: string, taskId: string): void {
    const tasks = this.#byFramework.get(frameworkId)
    if (tasks === undefined || !tasks.delete(taskId)) return
    this.#size--
    if (tasks.size === 0) this.#byFramework.delete(frameworkId)
  }

  /** Takes a framework's tasks out. */
  take(frameworkId: string): readonly Task[] {
    const tasks = [...(this.#byFramework.get(frameworkId)?.values() ?? [])]
    this.#byFramework.delete(frameworkId)
    this.#size -= tasks.length
    return tasks
  }

  /** The tasks on an agent. */
  on(agentId: string): readonly OwnedTask[] {
    return this.#size === 0 ? [] : this.all().filter(({ task }) => task.agentId === agentId)
  }

  /**
   * A whole state was brought into the cluster: tasks that events told of since it was asked for go
   * where their framework is by now, or wait on; others would be in it.
   */
  resolve(cluster: LiveCluster, { tasks: touched }: PollWindow): void {
    for (const { frameworkId, task } of this.all()) {
      const isNewer = touched.has(frameworkId, task.id)
      const hasFramework = cluster.frameworks.has(frameworkId)
      if (isNewer && hasFramework) cluster.putTask(frameworkId, task)
      if (!isNewer || hasFramework) this.delete(frameworkId, task.id)
    }
  }

  /** A copy, so that tasks may go meanwhile. */
  all(): readonly OwnedTask[] {
    const all: OwnedTask[] = []
    for (const [frameworkId, tasks] of this.#byFramework) {
      for (const task of tasks.values()) all.push({ frameworkId, task })
    }
    return all
  }
}
