import type { SimulatedStatus, SimulatedTask } from './model.ts'

/**
 * The JSON text of tasks in one form, kept as long as nothing about them changes: most tasks of a large cluster are as
 * they were when the state was last asked for.
 */
export class TaskTexts {
  /** By the list of statuses, which every change of a task replaces, and which pictures of it share. */
  readonly #texts = new WeakMap<readonly SimulatedStatus[], string>()

  of(task: SimulatedTask, document: (task: SimulatedTask) => object): string {
    const known = this.#texts.get(task.statuses)
    if (known !== undefined) return known
    const text = JSON.stringify(document(task))
    this.#texts.set(task.statuses, text)
    return text
  }
}
