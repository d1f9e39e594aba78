import { TaskIds } from './task-ids.ts'

/**
 * The time from asking for a whole state to having it. The state was made at some moment between,
 * so of what the event stream told meanwhile it may know less or more. Of an object that events
 * touched, the events' word stays: they know the later end, or will tell it.
 */
export class PollWindow {
  readonly agents = new Set<string>()
  readonly frameworks = new Set<string>()
  readonly tasks = new TaskIds()
  /** Whether another whole state was adopted meanwhile: that one may be the newer in everything. */
  isSuperseded = false
}

/** The windows that are open, all of which hear of what events touch. */
export class PollWindows {
  readonly #open = new Set<PollWindow>()

  open(): PollWindow {
    const window = new PollWindow()
    this.#open.add(window)
    return window
  }

  close(window: PollWindow): void {
    this.#open.delete(window)
  }

  /**
   * A whole state was adopted: those that are being fetched are about an earlier or a later moment.
   */
  supersede(): void {
    for (const window of this.#open) window.isSuperseded = true
  }

  touchAgent(id: string): void {
    for (const { agents } of this.#open) agents.add(id)
  }

  touchFramework(id: string): void {
    for (const { frameworks } of this.#open) frameworks.add(id)
  }

  touchTask(frameworkId: string, taskId: string): void {
    for (const { tasks } of this.#open) tasks.add(frameworkId, taskId)
  }
}
