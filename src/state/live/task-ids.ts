/** A set of tasks: their ids are unique within their framework only. */
export class TaskIds {
  readonly #byFramework = new Map<string, Set<string>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  has(frameworkId: string, taskId: string): boolean {
    return this.#byFramework.get(frameworkId)?.has(taskId) ?? false
  }

  /** Ids of a framework's tasks; undefined if there are none. */
  of(frameworkId: string): ReadonlySet<string> | undefined {
    return this.#byFramework.get(frameworkId)
  }

  add(frameworkId: string, taskId: string): void {
    let ids = this.#byFramework.get(frameworkId)
    if (ids === undefined) {
      ids = new Set()
      this.#byFramework.set(frameworkId, ids)
    }
    if (!ids.has(taskId)) this.#size++
    ids.add(taskId)
  }

  /** Returns whether it was there. */
  delete(frameworkId: string, taskId: string): boolean {
    const ids = this.#byFramework.get(frameworkId)
    if (ids === undefined || !ids.delete(taskId)) return false
    this.#size--
    if (ids.size === 0) this.#byFramework.delete(frameworkId)
    return true
  }

  deleteFramework(frameworkId: string): void {
    this.#size -= this.#byFramework.get(frameworkId)?.size ?? 0
    this.#byFramework.delete(frameworkId)
  }

  clear(): void {
    this.#byFramework.clear()
    this.#size = 0
  }

  *[Symbol.iterator](): Generator<readonly [frameworkId: string, taskId: string]> {
    for (const [frameworkId, ids] of this.#byFramework)
      for (const id of ids) yield [frameworkId, id]
  }
}
