import type { HostPort } from '../net/address.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { FetchedState } from './fetch.ts'
import { findMaster, masterKey } from './identity.ts'

/**
 * Which master the event stream comes from. Only a state names the process that made it, so a stream is of the process
 * that the first state after it came from, if that has the same address.
 */
export class StreamOrigin {
  readonly #resolver: HostResolver
  #stream: { readonly master: HostPort } | undefined
  #masterId: string | undefined
  /** What made a stream be left. If the next one leads to the same again, both are right: it has two names. */
  #leftFor = ''

  constructor(resolver: HostResolver) {
    this.#resolver = resolver
  }

  /** A stream has begun. */
  connected(master: HostPort): void {
    this.#stream = { master }
    this.#masterId = undefined
  }

  lost(): void {
    this.#stream = undefined
  }

  /** Whether a state shows that the stream is one of a master that does not lead any more. */
  async isOutdated({ master, masterId }: FetchedState): Promise<boolean> {
    const stream = this.#stream
    if (stream === undefined) return false
    if (masterId === undefined || this.#masterId === undefined) {
      const isSame = (await findMaster(master, [stream.master], this.#resolver)) !== undefined
      // Another stream may have begun meanwhile.
      if (this.#stream !== stream) return false
      this.#masterId ??= masterId
      if (isSame) return false
    } else if (masterId === this.#masterId) {
      return false
    }
    const reason = [masterKey(stream.master), masterKey(master), masterId].join(' ')
    if (reason === this.#leftFor) {
      this.#masterId = masterId
      return false
    }
    this.#leftFor = reason
    return true
  }
}
