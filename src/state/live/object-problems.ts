import { type Problem, Report } from '../../report.ts'
import type { PollWindow } from './poll-window.ts'

/** What was odd in the last whole state, object by object, as events replace the objects. */
export class ObjectProblems {
  #report: Report | undefined
  /** Made when the first event comes. */
  #byObject: Map<string, readonly Problem[]> | undefined

  constructor(report: Report) {
    this.#report = report
  }

  /** The same object until something changes. */
  get report(): Report {
    if (this.#report === undefined) {
      this.#report = new Report()
      for (const problems of this.#objects().values()) {
        for (const problem of problems) this.#report.problems.push(problem)
      }
    }
    return this.#report
  }

  /** An object was told anew, with this about it. */
  replace(object: string, problems: readonly Problem[]): void {
    const objects = this.#objects()
    if (problems.length > 0) objects.set(object, problems)
    else if (!objects.delete(object)) return
    this.#report = undefined
  }

  /**
   * Something more was told about an object. The last of each kind stays, so that it never becomes
   * many.
   */
  add(object: string, problems: readonly Problem[]): void {
    if (problems.length === 0) return
    const before = this.#objects().get(object) ?? []
    const kinds = new Set(problems.map(({ kind }) => kind))
    this.replace(object, [...before.filter(({ kind }) => !kinds.has(kind)), ...problems])
  }

  /** A framework is gone with its tasks. */
  deleteFramework(id: string): void {
    this.replace(id, [])
    for (const object of this.#objects().keys()) {
      if (object.startsWith(`${id}/`)) this.replace(object, [])
    }
  }

  /**
   * What a whole state says; of the objects that events touched meanwhile, what the events said.
   */
  next(report: Report, { agents, frameworks, tasks }: PollWindow): ObjectProblems {
    const next = new ObjectProblems(report)
    for (const id of agents) this.#carry(id, next)
    for (const id of frameworks) this.#carry(id, next)
    for (const [frameworkId, id] of tasks) this.#carry(taskObject(frameworkId, id), next)
    return next
  }

  #carry(object: string, next: ObjectProblems): void {
    next.replace(object, this.#objects().get(object) ?? [])
  }

  #objects(): Map<string, readonly Problem[]> {
    if (this.#byObject === undefined) {
      const byObject = new Map<string, Problem[]>()
      for (const problem of this.report.problems) {
        const others = byObject.get(problem.object)
        if (others === undefined) byObject.set(problem.object, [problem])
        else others.push(problem)
      }
      this.#byObject = byObject
    }
    return this.#byObject
  }
}

/** How a problem names a task. */
export function taskObject(frameworkId: string, taskId: string): string {
  return `${frameworkId}/${taskId}`
}
