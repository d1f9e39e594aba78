import type { Logger } from './log.ts'
import type { Problem } from './report.ts'

/** New problems of one update that are logged one by one; the rest is a count per kind. */
const MAX_LINES = 20

/** Logs each problem when it appears, not at every update for as long as it lasts. */
export class ProblemLog {
  readonly #log: Logger
  #known = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Takes in the problems of the newest state. */
  update(problems: readonly Problem[]): void {
    const known = new Set<string>()
    const unlisted = new Map<string, number>()
    let lines = 0
    for (const problem of problems) {
      const key = `${problem.kind} ${problem.object}`
      if (known.has(key)) continue
      known.add(key)
      if (this.#known.has(key)) continue
      if (lines++ < MAX_LINES) this.#log.warn({ ...problem }, 'odd object in the cluster state')
      else unlisted.set(problem.kind, (unlisted.get(problem.kind) ?? 0) + 1)
    }
    if (unlisted.size > 0) {
      this.#log.warn(
        { kinds: Object.fromEntries(unlisted) },
        'more odd objects in the cluster state',
      )
    }
    this.#known = known
  }
}
