import type { MasterServer, SimulatedCluster } from '../../src/demo/index.ts'
import type { HostPort } from '../../src/net/address.ts'
import type { FakeEnsemble } from '../mesos/zookeeper/fake-ensemble.ts'

/** The masters' side of an election in ZooKeeper: who came first leads, until its znode is gone. */
export class Election {
  readonly #cluster: SimulatedCluster
  readonly #zookeeper: FakeEnsemble
  readonly #standing: { readonly master: MasterServer; readonly znode: string }[] = []
  #sequence = 0

  constructor(cluster: SimulatedCluster, zookeeper: FakeEnsemble) {
    this.#cluster = cluster
    this.#zookeeper = zookeeper
  }

  /** In the order in which they would lead. */
  get masters(): readonly MasterServer[] {
    return this.#standing.map(({ master }) => master)
  }

  get addresses(): readonly HostPort[] {
    return this.masters.map(({ address }) => address)
  }

  stands(master: MasterServer): boolean {
    return this.masters.includes(master)
  }

  /** The master's znode is made, the last of all. */
  join(master: MasterServer, recovery: 'instant' | 'slow' = 'instant'): void {
    const znode = `json.info_${String(this.#sequence++).padStart(10, '0')}`
    const { host: ip, port } = master.address
    this.#standing.push({ master, znode })
    this.#zookeeper.set(znode, JSON.stringify({ address: { ip, port }, id: master.master.id }))
    this.#elect(recovery)
  }

  /** The master's session is over. */
  leave(master: MasterServer, recovery: 'instant' | 'slow' = 'instant'): void {
    const at = this.#standing.findIndex((each) => each.master === master)
    const [gone] = at < 0 ? [] : this.#standing.splice(at, 1)
    if (gone === undefined) return
    this.#zookeeper.delete(gone.znode)
    this.#elect(recovery)
  }

  #elect(recovery: 'instant' | 'slow'): void {
    const [first] = this.masters
    if (first?.master === this.#cluster.leader) return
    if (first === undefined) this.#cluster.loseLeader()
    else this.#cluster.failOver({ to: first.master, recovery })
  }
}
