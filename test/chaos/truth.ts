import type { Config } from '../../src/config/index.ts'
import {
  type SimulatedAgent,
  type SimulatedCluster,
  type SimulatedFramework,
  type SimulatedMaster,
  type SimulatedTask,
  stateDocument,
  truthDocument,
} from '../../src/demo/index.ts'
import type { HostPort } from '../../src/net/address.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordSet } from '../../src/records/record-set.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import type { Contribution, History } from './history.ts'

const OWN_ADDRESS = '127.0.0.1'

/** The zone of a cluster of which nobody has forgotten anything. */
export function recordsOf(
  cluster: SimulatedCluster,
  masters: readonly HostPort[],
  config: Config,
): RecordSet {
  return recordsOfDocument(truthDocument(cluster), masters, config)
}

function recordsOfDocument(
  document: unknown,
  masters: readonly HostPort[],
  config: Config,
): RecordSet {
  const report = new Report()
  return generateRecords({
    state: decodeState(JSON.parse(JSON.stringify(document)), report),
    masters,
    hosts: new Map(),
    listenerAddresses: [OWN_ADDRESS],
    config,
    report,
  })
}

/** What the records of a task follow from, as far as it changes: each is replaced and never changed. */
interface Seen {
  readonly state: string
  readonly statuses: unknown
  readonly addresses: unknown
}

/**
 * Writes down what each agent, framework and task of a cluster contributes to the zone, whoever leads and whatever that
 * one knows. What is made of one of them is what generateRecords makes of it alone.
 */
export class Truth {
  readonly #cluster: SimulatedCluster
  readonly #config: Config
  readonly #history: History
  readonly #now: () => number
  #leader: SimulatedMaster | undefined
  #agents = new Set<SimulatedAgent>()
  #frameworks = new Set<SimulatedFramework>()
  #tasks = new Map<SimulatedTask, Seen>()

  constructor(options: {
    readonly cluster: SimulatedCluster
    /** All there ever are. */
    readonly masters: readonly HostPort[]
    readonly config: Config
    readonly history: History
    readonly now: () => number
  }) {
    this.#cluster = options.cluster
    this.#config = options.config
    this.#history = options.history
    this.#now = options.now
    const base = this.#contribution({ agents: [], frameworks: [] })
    this.#history.put('base', [...base, ...mastersOf(options.masters)], this.#now())
    this.update()
    options.cluster.onChange(() => this.update())
  }

  /** To be called after each change of the cluster. */
  update(): void {
    const at = this.#now()
    const { leader } = this.#cluster
    // While nobody leads, the last one is still told.
    if (leader !== undefined && leader !== this.#leader) this.#putLeader(leader, at)
    const agents = new Set([...this.#cluster.agents].filter(isThere))
    for (const agent of agents) {
      if (!this.#agents.has(agent)) this.#put(agent.id, { agents: [agent], frameworks: [] }, at)
    }
    for (const agent of this.#agents) if (!agents.has(agent)) this.#history.put(agent.id, [], at)
    this.#agents = agents
    const frameworks = new Set(this.#cluster.frameworks)
    for (const framework of frameworks) {
      if (this.#frameworks.has(framework)) continue
      this.#put(framework.id, { agents: [], frameworks: [without(framework)] }, at)
    }
    for (const framework of this.#frameworks) {
      if (!frameworks.has(framework)) this.#history.put(framework.id, [], at)
    }
    this.#frameworks = frameworks
    this.#updateTasks(at)
  }

  #putLeader(leader: SimulatedMaster, at: number): void {
    this.#leader = leader
    const told = stateDocument(this.#cluster, leader, EMPTY)
    const records = linesOf(recordsOfDocument(told, [], this.#config))
    // Who has which number depends on the others.
    const own = records.filter(({ name }) => name.includes('leader'))
    this.#history.put('leader', own, at)
  }

  #updateTasks(at: number): void {
    const tasks = new Map<SimulatedTask, Seen>()
    for (const framework of this.#frameworks) {
      for (const task of framework.tasks) {
        if (!isThere(task.agent)) continue
        const { state, statuses, addresses } = task
        const seen = this.#tasks.get(task)
        const isSame =
          seen?.state === state && seen.statuses === statuses && seen.addresses === addresses
        tasks.set(task, isSame ? seen : { state, statuses, addresses })
        if (!isSame) this.#putTask(task, at)
      }
    }
    for (const task of this.#tasks.keys()) if (!tasks.has(task)) this.#history.put(task.id, [], at)
    this.#tasks = tasks
  }

  #putTask(task: SimulatedTask, at: number): void {
    const framework = { ...without(task.framework), tasks: [task] }
    const alone = this.#contribution({ agents: [task.agent], frameworks: [framework] })
    const others = this.#contribution({
      agents: [task.agent],
      frameworks: [without(task.framework)],
    })
    const known = new Set(others.map(keyOf))
    const reverse = reverseOf(task.agent.address.host)
    const own = alone
      .filter((record) => !known.has(keyOf(record)))
      // Agents' addresses lead to a name only as long as it is the only one.
      .map((record) => (record.name === reverse ? { ...record, isOptional: true } : record))
    this.#history.put(task.id, own, at)
  }

  #put(owner: string, view: Pick<View, 'agents' | 'frameworks'>, at: number): void {
    const base = new Set(this.#contribution({ agents: [], frameworks: [] }).map(keyOf))
    const own = this.#contribution(view).filter((record) => !base.has(keyOf(record)))
    this.#history.put(owner, own, at)
  }

  #contribution(view: Pick<View, 'agents' | 'frameworks'>): Contribution[] {
    const master = this.#cluster.masters[0] as SimulatedMaster
    const document = stateDocument(this.#cluster, master, { ...EMPTY, ...view })
    const { leader: _, leader_info: __, ...leaderless } = document
    return linesOf(recordsOfDocument(leaderless, [], this.#config))
  }
}

type View = NonNullable<Parameters<typeof stateDocument>[2]>

const EMPTY: View = {
  agents: [],
  recoveredAgents: [],
  unreachableAgents: 0,
  frameworks: [],
  completedFrameworks: [],
}

/** Raw names of tasks cannot be asked for. */
function linesOf(records: RecordSet): Contribution[] {
  return [...records]
    .filter(({ name }) => name === name.toLowerCase())
    .flatMap(({ name, type, ttl, rdata }) =>
      rdata.map((each) => ({ name, type, ttl, rdata: each })),
    )
}

function without(framework: SimulatedFramework) {
  return { ...framework, tasks: [], unreachable: [], completed: [] }
}

function isThere({ status }: SimulatedAgent): boolean {
  return status !== 'unreachable'
}

function keyOf({ name, type, rdata }: Contribution): string {
  return `${name} ${type} ${rdata}`
}

function reverseOf(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa.`
}

/** Who has which number follows from the order in which they were elected, and from who is known to lead. */
function mastersOf(masters: readonly HostPort[]): Contribution[] {
  const names = ['master.mesos.', ...masters.map((_, n) => `master${n}.mesos.`)]
  return names.flatMap((name) =>
    masters.map(({ host }) => ({ name, type: 'A', rdata: host, ttl: undefined, isOptional: true })),
  )
}
