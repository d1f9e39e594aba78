/** What came of adopting a whole state. */
export interface Adoption {
  readonly changed: boolean
  /**
   * Agents, frameworks and running tasks that the event stream should have told otherwise; 0 while
   * no stream is followed.
   */
  readonly drift: number
  /** How many agents and running tasks fewer there are, with what is held, than were known. */
  readonly lost: number
  /** Whether that was too sudden to be believed at once: everything known is kept. */
  readonly doubted: boolean
  /** Whether a `/state` would tell what this v1 state cannot: the leader, or a scheduler's pid. */
  readonly wantsAudit: boolean
}

/** What came of an event. */
export interface Applied {
  readonly changed: boolean
  /** Whether records may be others now: they are not if all that changed is a task that does not run. */
  readonly isVisible: boolean
  /**
   * Whether a `/state` should be fetched soon: the event leaves something open that only that
   * tells.
   */
  readonly wantsAudit: boolean
}
