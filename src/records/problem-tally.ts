import type { Problem } from '../report.ts'
import type { Sign } from './contribution.ts'
import type { ProblemSink } from './contributor.ts'

interface Counted {
  readonly problem: Problem
  count: number
}

/** Which problems there are, told by those that come and go. */
export class ProblemTally implements ProblemSink {
  readonly #committed = new Map<string, Counted>()
  /** What has come and gone since the last commit. */
  readonly #pending = new Map<string, Counted>()
  #problems: readonly Problem[] | undefined

  problem(sign: Sign, kind: string, object: string, detail: string): void {
    const key = `${kind} ${object}\n${detail}`
    const counted = this.#pending.get(key)
    if (counted === undefined) {
      this.#pending.set(key, { problem: { kind, object, detail }, count: sign })
    } else {
      counted.count += sign
    }
  }

  /** Those of the last commit, each once for its kind and object; the same array until others are committed. */
  get problems(): readonly Problem[] {
    this.#problems ??= distinctProblems(
      Array.from(this.#committed.values(), (each) => each.problem),
    )
    return this.#problems
  }

  commit(): void {
    for (const [key, { problem, count }] of this.#pending) {
      if (count === 0) continue
      this.#problems = undefined
      const known = this.#committed.get(key)
      if (known === undefined) this.#committed.set(key, { problem, count })
      else if (known.count + count === 0) this.#committed.delete(key)
      else known.count += count
    }
    this.#pending.clear()
  }

  discard(): void {
    this.#pending.clear()
  }
}

/** The first problem of each kind and object. */
export function distinctProblems(problems: Iterable<Problem>): readonly Problem[] {
  const distinct = new Map<string, Problem>()
  for (const problem of problems) {
    const key = `${problem.kind} ${problem.object}`
    if (!distinct.has(key)) distinct.set(key, problem)
  }
  return [...distinct.values()]
}
