/** A change that has been made possible, and can be made or undone; neither fails. */
export interface Prepared {
  commit(): void
  undo(): Promise<void>
}
