import type { FrameworkInfo } from '../decode-framework.ts'
import type { Framework, Task } from '../model.ts'
import { sameValue } from '../stream/same-value.ts'

/**
 * A framework whose tasks come and go one by one: found by id, and listed in the order in which
 * they came. What was handed out as `framework` never changes; it is made anew after a change, with
 * one copy of the list.
 */
export class LiveFramework {
  #info: FrameworkInfo
  /** A map lists its values in the order in which their keys were first set. */
  readonly #tasks = new Map<string, Task>()
  /** Objects of the last `/state` that say the same as the tasks here, as events told them. */
  readonly #twins = new Map<string, Task>()
  #list: readonly Task[] | undefined
  #framework: Framework | undefined

  constructor(info: FrameworkInfo) {
    this.#info = info
  }

  /** The framework of a state. Of two tasks with one id the last one stays. */
  static of(framework: Framework): LiveFramework {
    const { tasks, ...info } = framework
    const live = new LiveFramework(info)
    for (const task of tasks) live.#tasks.set(task.id, task)
    if (live.#tasks.size === tasks.length) {
      live.#list = tasks
      live.#framework = framework
    }
    return live
  }

  get info(): FrameworkInfo {
    return this.#info
  }

  /** The same object until something changes, with the same list until a task does. */
  get framework(): Framework {
    this.#list ??= [...this.#tasks.values()]
    this.#framework ??= { ...this.#info, tasks: this.#list }
    return this.#framework
  }

  task(id: string): Task | undefined {
    return this.#tasks.get(id)
  }

  /** Whether an object is known to say the same as the task of its id, without being it. */
  isTwin(task: Task): boolean {
    return this.#twins.get(task.id) === task
  }

  /** Notes such an object: the next whole state will mostly have it again. */
  setTwin(task: Task): void {
    this.#twins.set(task.id, task)
  }

  tasks(): Iterable<Task> {
    return this.#tasks.values()
  }

  /** Returns false if it says the same as before. */
  setInfo(info: FrameworkInfo): boolean {
    if (sameValue(this.#info, info)) return false
    this.#info = info
    this.#framework = undefined
    return true
  }

  set(task: Task): void {
    this.#tasks.set(task.id, task)
    this.#twins.delete(task.id)
    this.#list = undefined
    this.#framework = undefined
  }

  delete(taskId: string): void {
    this.#tasks.delete(taskId)
    this.#twins.delete(taskId)
    this.#list = undefined
    this.#framework = undefined
  }
}
