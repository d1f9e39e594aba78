import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 1000
const PAUSE_MS = 20

/** Resolves once the condition holds. Waits far longer than any machine needs, so that a hang is a failure. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    if (await holds()) return
    await sleep(PAUSE_MS)
  }
  throw new Error(`waited in vain until ${what}`)
}
