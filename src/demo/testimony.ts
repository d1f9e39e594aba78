import type { SimulatedCluster } from './cluster.ts'
import { EMPTY_VIEW, leaderView, type View } from './view.ts'

/** Something untrue that a test lets a master tell; meanwhile it sends no events. */
export type Lie =
  /** There is nothing, and never was. */
  | { readonly kind: 'empty' }
  /** What a principal sees whom ACLs let see no framework: agents, and nothing on them. */
  | { readonly kind: 'limited' }
  /** What another cluster is like. */
  | { readonly kind: 'other'; readonly cluster: SimulatedCluster }
  /** What was so when the lie began. */
  | { readonly kind: 'old' }

/** What one master says of its cluster: what a leader knows, or a lie. */
export class Testimony {
  readonly #cluster: SimulatedCluster
  #lie: (() => View) | undefined
  /** Rises when it begins or ends to lie. */
  version = 0

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster
  }

  get isHonest(): boolean {
    return this.#lie === undefined
  }

  view(): View {
    return this.#lie?.() ?? leaderView(this.#cluster)
  }

  /** Tells this from now on. */
  lie(lie: Lie): void {
    this.#lie = viewOf(lie, this.#cluster)
    this.version++
  }

  /** Tells the truth again; those who have subscribed are not told what has happened meanwhile. */
  tellTruth(): void {
    this.#lie = undefined
    this.version++
  }
}

function viewOf(lie: Lie, cluster: SimulatedCluster): () => View {
  switch (lie.kind) {
    case 'empty':
      return () => EMPTY_VIEW
    case 'limited':
      return () => ({ ...leaderView(cluster), frameworks: [], completedFrameworks: [] })
    case 'other':
      return () => leaderView(lie.cluster)
    case 'old': {
      const old = leaderView(cluster)
      return () => old
    }
  }
}
