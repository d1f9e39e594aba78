import type { HostPort } from '../../../src/net/address.ts'
import { FakeZookeeper } from './fake-zookeeper.ts'

interface Member {
  readonly fake: FakeZookeeper
  readonly server: HostPort
  isUp: boolean
}

/**
 * Several fake servers with the same znodes and sessions. A member that is down learns what happens meanwhile, as
 * from its leader when it is back; one that is up tells it to its watches.
 */
export class FakeEnsemble {
  readonly #members: readonly Member[]

  private constructor(fakes: readonly FakeZookeeper[]) {
    this.#members = fakes.map((fake) => ({ fake, server: fake.server, isUp: true }))
    for (const { fake } of this.#members) {
      // Before it looks whether it knows the session.
      fake.onConnect = () => {
        this.#shareSessions()
        return undefined
      }
    }
  }

  static async listen(size: number, host = '127.0.0.1'): Promise<FakeEnsemble> {
    const fakes = Array.from({ length: size }, () => FakeZookeeper.listen(host))
    return new FakeEnsemble(await Promise.all(fakes))
  }

  /** In the order of the members, the same all the time. */
  get servers(): readonly HostPort[] {
    return this.#members.map(({ server }) => server)
  }

  isUp(member: number): boolean {
    return this.#at(member).isUp
  }

  set(znode: string, text: string): void {
    for (const { fake } of this.#members) fake.set(znode, text)
  }

  delete(znode: string): void {
    for (const { fake } of this.#members) fake.delete(znode)
  }

  /** Ends a member's process: its connections break, and nobody listens where it did. */
  async kill(member: number): Promise<void> {
    const each = this.#at(member)
    if (!each.isUp) return
    each.isUp = false
    await each.fake.close()
  }

  async restart(member: number): Promise<void> {
    const each = this.#at(member)
    if (each.isUp) return
    await each.fake.listenOn(each.server.host, each.server.port)
    each.isUp = true
  }

  /** Cuts all connections; sessions may be resumed. */
  cut(): void {
    for (const { fake } of this.#members) fake.cut()
  }

  /** No session may be resumed. */
  expireSessions(): void {
    for (const { fake } of this.#members) fake.sessions.clear()
    this.cut()
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((_, member) => this.kill(member)))
  }

  #shareSessions(): void {
    const all = new Set(this.#members.flatMap(({ fake }) => [...fake.sessions]))
    for (const { fake } of this.#members) for (const id of all) fake.sessions.add(id)
  }

  #at(member: number): Member {
    const each = this.#members[member]
    if (each === undefined) throw new RangeError(`no member ${member}`)
    return each
  }
}
