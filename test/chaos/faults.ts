import type { Fault, MasterServer, StreamFault } from '../../src/demo/index.ts'
import type { Random } from '../../src/demo/random.ts'
import type { ReloadResult } from '../../src/http/index.ts'
import type { Threads } from './threads.ts'
import { MEMBERS, type World } from './world.ts'

const REQUEST_FAULTS: readonly Fault[] = [
  { kind: 'hang' },
  { kind: 'reset' },
  { kind: 'stall' },
  { kind: 'truncate' },
  { kind: 'delay', ms: 300 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'body', body: '{"frameworks": [' },
  { kind: 'body', body: 'not json' },
  { kind: 'body', body: Buffer.from([0x1f, 0x8b, 0, 0]), encoding: 'gzip' },
  { kind: 'oversize', bytes: 1024 * 1024 },
  { kind: 'trickle', octets: 4096, everyMs: 20 },
  { kind: 'length', by: 10 },
  { kind: 'length', by: -10 },
]

const STREAM_FAULTS: readonly StreamFault[] = [
  { kind: 'delay', ms: 200 },
  { kind: 'drop', every: 2 },
  { kind: 'drop' },
  { kind: 'silence' },
  { kind: 'cut' },
  { kind: 'garbage', octets: 'garbage\n' },
  { kind: 'garbage', octets: Buffer.from([0, 255, 10, 13]) },
  { kind: 'text', text: '{"type":"TASK_UPDATED"}' },
  { kind: 'text', text: '{"type":"TASK_ADDED","task_added":{"task":null}}' },
  { kind: 'text', text: '[' },
  { kind: 'length', by: 3 },
  { kind: 'length', by: -3 },
  { kind: 'recut', octets: 7 },
  { kind: 'recut', octets: 500, everyMs: 5 },
]

/** `old`: what was so when it began. What of it is gone is not doubted: few of many. */
const LIES = ['empty', 'limited', 'old'] as const
const TTLS = [60, 30, 5, 90] as const
const ORDERINGS = ['random', 'fixed', 'roundrobin'] as const
const UPDATES = ['auto', 'stream', 'poll'] as const

/** Breaks what the server depends on, and parts of the server itself, and puts it in order again. */
export class Faults {
  readonly #world: World
  readonly #threads: Threads
  readonly #random: Random
  readonly #onReload: (result: Promise<ReloadResult>, ttl: number) => void
  readonly #dead = new Set<MasterServer>()
  /** A state thread that starts knows what its first state tells, and nothing else: that one must not be amnesiac. */
  #isStateNew = false
  /** Whether masters may tell what is not so. */
  mayLie = false

  constructor(options: {
    readonly world: World
    readonly threads: Threads
    readonly random: Random
    /** Told when a reload begins, with its outcome and the TTL that it brings. */
    readonly onReload: (result: Promise<ReloadResult>, ttl: number) => void
  }) {
    this.#world = options.world
    this.#threads = options.threads
    this.#random = options.random
    this.#onReload = options.onReload
  }

  /** Breaks something; returns what to call it. */
  async step(): Promise<string> {
    const dice = this.#random.below(100)
    if (dice < 12) return this.#killMaster()
    if (dice < 20) return this.#expireLeader()
    if (dice < 28) return this.#restartMaster()
    if (dice < 44) return this.#breakZookeeper()
    if (dice < 62) return this.#breakStream()
    if (dice < 74) return this.#breakRequests()
    if (dice < 82) return this.mayLie ? this.#lie() : this.#expireLeader()
    if (dice < 90) return this.#killThread()
    return this.#reload()
  }

  /** Everything that was broken is in order again. */
  async heal(): Promise<void> {
    const { zookeeper, masters, election } = this.#world
    for (let member = 0; member < MEMBERS; member++) await zookeeper.restart(member)
    for (const master of masters) {
      const { faults, streams, testimony } = master
      faults.clear()
      streams.faults.clear()
      streams.requestFaults.clear()
      // What a fault holds back of a stream would come after what is true by then.
      streams.cut()
      if (!testimony.isHonest) testimony.tellTruth()
      if (this.#dead.has(master)) election.leave(master)
    }
    for (const master of [...this.#dead]) await this.#revive(master)
    await this.#threads.allThere()
    this.#isStateNew = false
  }

  /** Whether some master may not know its cluster, so that a state thread that starts with it would not, either. */
  get #hasAmnesia(): boolean {
    const { cluster, masters } = this.#world
    const isAway = [...cluster.agents].some(({ status }) => status === 'recovered')
    const isLying = masters.some(({ testimony }) => !testimony.isHonest)
    const isAbsent = [...cluster.frameworks].some(({ status }) => status === 'unknown')
    return isAway || isLying || isAbsent || !cluster.registryRecovered
  }

  async #killMaster(): Promise<string> {
    const master = this.#pick(this.#world.masters)
    const port = master.address.host
    if (this.#dead.has(master)) {
      // Its session is over before it is back, or its znode would name a dead one.
      this.#world.election.leave(master, this.#recovery())
      await this.#revive(master)
      return `master ${port} back`
    }
    this.#dead.add(master)
    await master.kill()
    return `kill master ${port}`
  }

  /** The znode goes; a master that has lost the lead ends itself. */
  async #expireLeader(): Promise<string> {
    const { election } = this.#world
    const [leader] = election.masters
    if (leader === undefined) return this.#restartMaster()
    if (!this.#dead.has(leader)) await leader.kill()
    this.#dead.add(leader)
    const recovery = this.#recovery()
    election.leave(leader, recovery)
    return `leader ${leader.address.host} lost its session, recovery ${recovery}`
  }

  async #restartMaster(): Promise<string> {
    const master = this.#random.pick([...this.#dead])
    if (master === undefined) return this.#expireLeader()
    this.#world.election.leave(master, this.#recovery())
    await this.#revive(master)
    return `master ${master.address.host} back`
  }

  async #breakZookeeper(): Promise<string> {
    const { zookeeper } = this.#world
    const member = this.#random.below(MEMBERS)
    const dice = this.#random.below(10)
    if (dice < 5) {
      if (zookeeper.isUp(member)) await zookeeper.kill(member)
      else await zookeeper.restart(member)
      return `zookeeper ${member} ${zookeeper.isUp(member) ? 'back' : 'killed'}`
    }
    if (dice < 7) {
      zookeeper.expireSessions()
      return 'zookeeper sessions expired'
    }
    if (dice < 9) {
      zookeeper.cut()
      return 'zookeeper connections cut'
    }
    for (let each = 0; each < MEMBERS; each++) await zookeeper.kill(each)
    return 'zookeeper all gone'
  }

  #breakStream(): string {
    const master = this.#leader()
    const { streams } = master
    const dice = this.#random.below(10)
    if (dice < 2) {
      streams.cut()
      return 'streams cut'
    }
    if (dice < 4) {
      streams.end()
      return 'streams ended'
    }
    if (dice < 5) {
      streams.faults.clear()
      return 'streams in order'
    }
    const fault = this.#pick(STREAM_FAULTS)
    if (dice < 9) streams.faults.once(...Array(1 + this.#random.below(3)).fill(fault))
    else streams.faults.always(fault)
    return `stream fault ${describe(fault)}${dice < 9 ? '' : ' always'}`
  }

  #breakRequests(): string {
    const { faults } = this.#leader()
    if (faults.standing !== undefined) {
      faults.clear()
      return 'requests in order'
    }
    const fault = this.#pick(REQUEST_FAULTS)
    const isOnce = this.#random.below(4) > 0
    if (isOnce) faults.once(fault, fault)
    else faults.always(fault)
    return `request fault ${describe(fault)}${isOnce ? '' : ' always'}`
  }

  #lie(): string {
    const { testimony, address } = this.#leader()
    if (!testimony.isHonest) {
      testimony.tellTruth()
      return `${address.host} honest`
    }
    // A new leader that knows nothing need not lie.
    if (this.#hasAmnesia || this.#isStateNew) return 'no lie'
    const kind = this.#pick(LIES)
    testimony.lie({ kind })
    return `${address.host} lies: ${kind}`
  }

  async #killThread(): Promise<string> {
    const isState = this.#random.below(2) === 0 && !this.#hasAmnesia
    const kind = isState ? 'state' : 'query'
    const threads = this.#threads
    const isKilled = await (isState ? threads.killState() : threads.killQuery(this.#random))
    if (isState && isKilled) this.#isStateNew = true
    return isKilled ? `kill ${kind} thread` : `no ${kind} thread to kill`
  }

  #reload(): string {
    const world = this.#world
    const dice = this.#random.below(10)
    const ttl = dice < 5 ? this.#pick(TTLS) : world.config.ttl
    const change =
      dice < 5
        ? { ttl }
        : dice < 8
          ? { ordering: this.#pick(ORDERINGS) }
          : { updates: this.#pick(UPDATES) }
    world.config = { ...world.config, ...change }
    this.#onReload(world.server.reload('signal'), ttl)
    return `reload ${JSON.stringify(change)}`
  }

  async #revive(master: MasterServer): Promise<void> {
    this.#dead.delete(master)
    master.faults.clear()
    if (!master.testimony.isHonest) master.testimony.tellTruth()
    await master.restart()
    this.#world.election.join(master, 'instant')
  }

  /** The one that leads, or would. */
  #leader(): MasterServer {
    const { election, masters } = this.#world
    return election.masters[0] ?? this.#pick(masters)
  }

  #recovery(): 'instant' | 'slow' {
    return !this.#isStateNew && this.#random.below(2) === 0 ? 'slow' : 'instant'
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)] as T
  }
}

function describe(fault: Fault | StreamFault): string {
  return JSON.stringify(fault)
}
