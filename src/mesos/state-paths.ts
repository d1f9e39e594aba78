import type { HostPort } from '../net/address.ts'
import { masterKey } from './identity.ts'

/** Where masters serve their state: without `.json` since Mesos 0.25, only with it before. */
const STATE_PATHS = ['/master/state', '/state', '/state.json', '/master/state.json'] as const

/** Remembers which path each master served last, so that an old one is not asked in vain each time. */
export class StatePaths {
  readonly #working = new Map<string, string>()

  /** All paths, the one that worked for this master first. */
  for(master: HostPort): [string, ...string[]] {
    const working = this.#working.get(masterKey(master))
    if (working === undefined) return [...STATE_PATHS]
    return [working, ...STATE_PATHS.filter((path) => path !== working)]
  }

  /** Notes the path that a master answered; any but the four is a redirect's own and not kept. */
  worked(master: HostPort, path: string): void {
    if (STATE_PATHS.some((known) => known === path)) this.#working.set(masterKey(master), path)
  }
}
