/** Positions of consecutive elements, the end not included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** An element of `frameworks`; its tasks are read on their own. */
export type FoundFramework =
  | {
      /** `id`, `name`, `pid`, `hostname`, and `tasks` where it is no list. */
      readonly members: Readonly<Record<string, unknown>>
      /** Undefined if `tasks` is absent or no list. */
      readonly tasks: Span | undefined
    }
  /** Not an object. */
  | { readonly odd: unknown }
  /** One with a member, or an odd value, that is larger than anything we take in. */
  | { readonly tooLarge: true }

/**
 * What a state holds besides the agents and tasks themselves, put together member by member. Of those
 * with the same name the last counts, as for JSON.parse.
 */
export class Outline {
  /** The whole document, where it is no object. */
  other: { readonly json: unknown } | undefined
  /** `leader`, `pid`, `slaves`, `frameworks`; the latter two are empty here if they are lists. */
  readonly members = new Map<string, unknown>()
  /** The agents, if `slaves` is a list. */
  agents: Span | undefined
  /** The frameworks, if that is a list. */
  frameworks: FoundFramework[] = []
  #members: Record<string, unknown> = {}
  #tasks: Span | undefined
  #tooLarge = false

  /** A member of the document that is no list to go into. */
  setMember(key: string, value: unknown): void {
    this.members.set(key, value)
    if (key === 'slaves') this.agents = undefined
    if (key === 'frameworks') this.frameworks = []
  }

  setAgents(span: Span): void {
    this.members.set('slaves', [])
    this.agents = span
  }

  beginFrameworks(): void {
    this.members.set('frameworks', [])
    this.frameworks = []
  }

  beginFramework(): void {
    this.#members = {}
    this.#tasks = undefined
    this.#tooLarge = false
  }

  setFrameworkMember(key: string, value: unknown): void {
    this.#members[key] = value
    if (key === 'tasks') this.#tasks = undefined
  }

  setTasks(span: Span): void {
    this.#members.tasks = undefined
    this.#tasks = span
  }

  /** Something of the framework cannot be taken in, so it can not be told who it is. */
  refuseFramework(): void {
    this.#tooLarge = true
  }

  endFramework(): void {
    const found = { members: this.#members, tasks: this.#tasks }
    this.frameworks.push(this.#tooLarge ? { tooLarge: true } : found)
  }
}
