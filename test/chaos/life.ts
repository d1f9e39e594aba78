import type {
  SimulatedAgent,
  SimulatedCluster,
  SimulatedFramework,
  SimulatedTask,
  TaskSpec,
} from '../../src/demo/index.ts'
import type { Random } from '../../src/demo/random.ts'

const FEWEST_TASKS = 20
const MOST_TASKS = 60
const MOST_FRAMEWORKS = 8
const FEWEST_AGENTS = 8
const MOST_AGENTS = 14

const SPECS: readonly TaskSpec[] = [
  { name: 'job', ports: 1 },
  { name: 'db', network: 'container', discovery: { name: 'db', ports: [{ number: 5432 }] } },
  { name: 'app.group', network: 'dual-stack', containerPorts: [80], ports: 1 },
  {
    name: 'checked',
    hasHealthCheck: true,
    ports: 2,
    discovery: { ports: [{ name: 'http', protocol: 'tcp' }, { name: 'admin' }] },
  },
]

/** Something that happens to a cluster, and what to call it; undefined if it cannot happen now. */
type Happening = () => string | undefined

/**
 * What schedulers, agents and operators do, whether or not there is a master who hears of it. Unlike in the demo, any
 * service may end, and some things no event tells.
 */
export class ClusterLife {
  readonly #cluster: SimulatedCluster
  readonly #random: Random
  readonly #happenings: readonly (readonly [weight: number, happening: Happening])[]
  readonly #weights: number
  #frameworks = 0
  #addresses = 0
  #removedFrameworks = 0

  constructor(cluster: SimulatedCluster, random: Random) {
    this.#cluster = cluster
    this.#random = random
    this.#happenings = [
      [24, () => this.#launch()],
      [14, () => this.#end()],
      [10, () => this.#move()],
      [8, () => this.#flipHealth()],
      [5, () => this.#changeAddresses()],
      [3, () => this.#loseAgent()],
      [4, () => this.#returnAgent()],
      [2, () => this.#crashAgent()],
      [2, () => this.#restartAgent()],
      [2, () => this.#removeAgent()],
      [2, () => this.#addAgent()],
      [3, () => this.#addFramework()],
      [1, () => this.#removeFramework()],
      [2, () => this.#disconnect()],
      [2, () => this.#subscribe()],
    ]
    this.#weights = this.#happenings.reduce((sum, [weight]) => sum + weight, 0)
  }

  /** Lets the next thing happen; returns what to call it. */
  step(): string {
    for (;;) {
      let dice = this.#random.below(this.#weights)
      const [, happen] = this.#happenings.find(([weight]) => {
        dice -= weight
        return dice < 0
      }) as readonly [number, Happening]
      const name = happen()
      if (name !== undefined) return name
    }
  }

  /** One more of those that a new leader has not heard of yet comes to it; undefined if there are none. */
  recover(): string | undefined {
    const { agents, frameworks, registryRecovered } = this.#cluster
    if (!registryRecovered) {
      this.#cluster.recoverRegistry()
      return 'registry recovered'
    }
    const agent = this.#random.pick([...agents].filter(({ status }) => status === 'recovered'))
    const framework = this.#random.pick([...frameworks].filter(isAbsent))
    if (framework !== undefined && (agent === undefined || this.#random.below(3) === 0)) {
      this.#cluster.subscribe(framework)
      return `${framework.spec.name} is back`
    }
    if (agent === undefined) return undefined
    this.#cluster.returnAgent(agent)
    return `agent ${agent.index} is back`
  }

  /** How many there have been since it was asked last. */
  takeRemovedFrameworks(): number {
    const count = this.#removedFrameworks
    this.#removedFrameworks = 0
    return count
  }

  /** Everybody is there, and known. */
  heal(): void {
    while (this.recover() !== undefined);
    for (const agent of this.#cluster.agents) {
      if (agent.status === 'unreachable') this.#cluster.returnAgent(agent)
      if (agent.status === 'disconnected') this.#cluster.restartAgent(agent)
    }
    for (const framework of this.#cluster.frameworks) {
      if (framework.status !== 'connected') this.#cluster.subscribe(framework)
    }
  }

  #launch(): string | undefined {
    const frameworks = [...this.#cluster.frameworks].filter(({ status }) => status === 'connected')
    const framework = this.#random.pick(frameworks)
    const full = this.#tasks().length >= MOST_TASKS
    if (full || framework === undefined || this.#agents('registered').length === 0) return undefined
    const known = [...framework.tasks].map(({ spec }) => spec)
    const spec = this.#random.pick(this.#random.below(3) === 0 ? SPECS : [...known, ...SPECS])
    const task = this.#cluster.launch(framework, spec as TaskSpec)
    return `launch ${describe(task)}`
  }

  #end(): string | undefined {
    const tasks = this.#tasks()
    const task = tasks.length < FEWEST_TASKS ? undefined : this.#random.pick(tasks)
    if (task === undefined) return undefined
    const way = (['kill', 'fail', 'finish'] as const)[this.#random.below(3)] ?? 'kill'
    this.#cluster[way](task)
    return `${way} ${describe(task)}`
  }

  #move(): string | undefined {
    const task = this.#random.pick(this.#tasks().filter(({ framework }) => isConnected(framework)))
    if (task === undefined || this.#agents('registered').length === 0) return undefined
    return `move ${describe(task)} to ${describe(this.#cluster.move(task))}`
  }

  #flipHealth(): string | undefined {
    const task = this.#random.pick(
      this.#tasks().filter(({ spec, state }) => spec.hasHealthCheck && state === 'TASK_RUNNING'),
    )
    if (task === undefined) return undefined
    const healthy = task.statuses.at(-1)?.healthy !== true
    const announced = this.#random.below(4) > 0
    this.#cluster.setHealth(task, healthy, { announced })
    return `${describe(task)} ${healthy ? 'healthy' : 'unhealthy'}${announced ? '' : ', silently'}`
  }

  #changeAddresses(): string | undefined {
    const task = this.#random.pick(this.#tasks().filter(({ spec }) => spec.network !== undefined))
    if (task === undefined || task.state !== 'TASK_RUNNING') return undefined
    const n = this.#addresses++
    const address = `9.200.${(n >> 8) & 255}.${n & 255}`
    this.#cluster.setAddresses(task, [address])
    return `${describe(task)} has ${address}`
  }

  #loseAgent(): string | undefined {
    const agent = this.#spareAgent('registered')
    if (agent === undefined) return undefined
    this.#cluster.loseAgent(agent)
    return `lose agent ${agent.index}`
  }

  #returnAgent(): string | undefined {
    const agent = this.#random.pick(this.#agents('unreachable'))
    if (agent === undefined) return undefined
    this.#cluster.returnAgent(agent)
    return `return agent ${agent.index}`
  }

  #crashAgent(): string | undefined {
    const agent = this.#spareAgent('registered')
    if (agent === undefined) return undefined
    this.#cluster.crashAgent(agent)
    return `crash agent ${agent.index}`
  }

  #restartAgent(): string | undefined {
    const agent = this.#random.pick(this.#agents('disconnected'))
    if (agent === undefined) return undefined
    this.#cluster.restartAgent(agent)
    return `restart agent ${agent.index}`
  }

  #removeAgent(): string | undefined {
    const agent = this.#spareAgent('registered')
    if (agent === undefined) return undefined
    const way = this.#random.below(2) === 0 ? 'removeAgent' : 'unregisterAgent'
    this.#cluster[way](agent)
    return `${way} ${agent.index}`
  }

  #addAgent(): string | undefined {
    if (this.#cluster.agents.size >= MOST_AGENTS) return undefined
    return `add agent ${this.#cluster.addAgent().index}`
  }

  #addFramework(): string | undefined {
    if (this.#cluster.frameworks.size >= MOST_FRAMEWORKS) return undefined
    const n = this.#frameworks++
    const { spec } = this.#cluster.addFramework({
      name: `scheduler-${n}`,
      partitionAware: n % 2 === 0,
      ...(n % 3 === 0
        ? { hostname: `10.1.${(n >> 8) & 255}.${n & 255}` }
        : { pid: { host: `10.2.${(n >> 8) & 255}.${n & 255}`, port: 20_000 + (n % 1000) } }),
    })
    return `add ${spec.name}`
  }

  #removeFramework(): string | undefined {
    const ours = [...this.#cluster.frameworks].filter(({ spec }) =>
      spec.name.startsWith('scheduler'),
    )
    const framework = this.#random.pick(ours)
    if (framework === undefined || this.#tasks().length < FEWEST_TASKS) return undefined
    this.#cluster.removeFramework(framework)
    this.#removedFrameworks++
    return `remove ${framework.spec.name}`
  }

  #disconnect(): string | undefined {
    const framework = this.#random.pick([...this.#cluster.frameworks].filter(isConnected))
    if (framework === undefined) return undefined
    this.#cluster.disconnect(framework)
    return `disconnect ${framework.spec.name}`
  }

  #subscribe(): string | undefined {
    const framework = this.#random.pick(
      [...this.#cluster.frameworks].filter(({ status }) => status === 'disconnected'),
    )
    if (framework === undefined) return undefined
    this.#cluster.subscribe(framework)
    return `subscribe ${framework.spec.name}`
  }

  #tasks(): SimulatedTask[] {
    return [...this.#cluster.frameworks].flatMap(({ tasks }) => [...tasks])
  }

  #agents(status: SimulatedAgent['status']): SimulatedAgent[] {
    return [...this.#cluster.agents].filter((agent) => agent.status === status)
  }

  #spareAgent(status: SimulatedAgent['status']): SimulatedAgent | undefined {
    const agents = this.#agents(status)
    return agents.length < FEWEST_AGENTS ? undefined : this.#random.pick(agents)
  }
}

function isConnected({ status }: SimulatedFramework): boolean {
  return status === 'connected'
}

/** The leader waits for it since a failover. */
function isAbsent({ status }: SimulatedFramework): boolean {
  return status === 'unknown' || status === 'recovered'
}

function describe({ id, agent, framework }: SimulatedTask): string {
  return `${framework.spec.name}/${id} on ${agent.index}`
}
