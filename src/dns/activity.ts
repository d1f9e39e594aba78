/** Turns of the event loop without anything new that are waited for at most, when there always is. */
const MAX_TURNS = 50

/** What has come in so far: datagrams, connections, pieces of streams. */
export class Activity {
  /** Whoever receives something adds to it. */
  events = 0

  /** Settles once the system has nothing more for this thread that it has not seen. */
  async settled(): Promise<void> {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const before = this.events
      // An immediate runs right behind the events of its turn: between two of them lies a whole turn.
      await turn()
      await turn()
      if (this.events === before) return
    }
  }
}

/** A turn of the event loop, with all that promises had waiting. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
