/**
 * Something the cluster's state holds that cannot become records as it stands: an odd object that was
 * left out, a label that had to be shortened, a name that was taken.
 */
export interface Problem {
  /** Stable, low-cardinality key, counted by metrics: `agent-without-pid`, `label-shortened`, … */
  readonly kind: string
  /** What it is about: an agent id, `framework/task id`, or a name. */
  readonly object: string
  /** One line for a person: what was wrong and what was done about it. */
  readonly detail: string
}

/** Collects problems while a state is decoded and turned into records. */
export class Report {
  readonly problems: Problem[] = []

  add(kind: string, object: string, detail: string): void {
    this.problems.push({ kind, object, detail })
  }

  /** Number of problems by kind. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { kind } of this.problems) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return counts
  }
}
