import type { HostPort } from '../net/address.ts'
import {
  type ClusterChange,
  type FailOverOptions,
  type FrameworkSpec,
  isTerminal,
  newMaster,
  type SimulatedAgent,
  type SimulatedFramework,
  type SimulatedMaster,
  type SimulatedTask,
  type TaskSpec,
  type TaskState,
} from './model.ts'
import { Offers } from './offers.ts'
import { Random } from './random.ts'
import { lossOf, newTask, recordStatus, releaseTask } from './task.ts'

/** As a master's --max_completed_tasks_per_framework. */
const MAX_COMPLETED_TASKS = 1000

export interface ClusterOptions {
  /** Ids and choices follow from it (default 1). */
  readonly seed?: number
  /** Milliseconds since the epoch (default Date.now). */
  readonly clock?: () => number
  /** How many masters there are; the first one leads (default 1). */
  readonly masters?: number
}

/**
 * A Mesos cluster that exists only in memory: masters, agents, frameworks and tasks, and what can
 * happen to them. Every change is told to the listeners and raises `revision`.
 */
export class SimulatedCluster {
  readonly masters: readonly SimulatedMaster[]
  readonly agents = new Set<SimulatedAgent>()
  readonly frameworks = new Set<SimulatedFramework>()
  readonly completedFrameworks: SimulatedFramework[] = []
  /** Undefined while no leader is elected. */
  leader: SimulatedMaster | undefined
  /** False: a new leader that has not read its registry yet and knows nobody. */
  registryRecovered = true
  /** Rises with every change, so that a server knows when to render its documents again. */
  revision = 0

  readonly #id: string
  readonly #random: Random
  readonly #clock: () => number
  readonly #offers = new Offers(this.agents)
  readonly #listeners = new Set<(change: ClusterChange) => void>()
  #agentsAdded = 0
  #frameworksAdded = 0

  constructor({ seed = 1, clock = Date.now, masters = 1 }: ClusterOptions = {}) {
    this.#random = new Random(seed)
    this.#clock = clock
    this.#id = this.#random.uuid()
    this.masters = Array.from({ length: masters }, () =>
      newMaster(this.#random.uuid(), this.#now()),
    )
    this.leader = this.masters[0]
  }

  /** Calls the listener after every change; returns how to stop that. */
  onChange(listener: (change: ClusterChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Adds an agent; without an address it gets the next one of 10.0.0.0/8. */
  addAgent(address?: HostPort): SimulatedAgent {
    const index = this.#agentsAdded++
    const agent: SimulatedAgent = {
      id: `${this.#id}-S${index}`,
      index,
      hostname: `agent-${index}.example.test`,
      address: address ?? { host: `10.0.${(index + 1) >> 8}.${(index + 1) & 255}`, port: 5051 },
      status: 'registered',
      registeredTime: this.#now(),
      reregisteredTime: undefined,
      tasks: new Set(),
      usedPorts: new Set(),
      containers: 0,
    }
    this.agents.add(agent)
    this.#tell({ kind: 'agent-registered', agent })
    return agent
  }

  /** Takes an agent away for good, as an operator who marks it gone; its tasks end. */
  removeAgent(agent: SimulatedAgent): void {
    this.agents.delete(agent)
    for (const task of [...agent.tasks]) this.update(task, lossOf(task, 'TASK_GONE_BY_OPERATOR'))
    this.#tell({ kind: 'agent-removed', agent })
  }

  /** The master cannot reach the agent any more: its tasks become unreachable (or lost). */
  loseAgent(agent: SimulatedAgent): void {
    agent.status = 'unreachable'
    for (const task of agent.tasks) {
      const { framework, state: previous } = task
      framework.tasks.delete(task)
      framework.unreachable.add(task)
      recordStatus(task, lossOf(task, 'TASK_UNREACHABLE'), this.#now(), { fromMaster: true })
      this.#tell({ kind: 'task-updated', task, previous })
    }
    this.#tell({ kind: 'agent-unreachable', agent })
  }

  /** A lost or recovered agent registers again, its tasks still running. */
  returnAgent(agent: SimulatedAgent): void {
    agent.status = 'registered'
    agent.reregisteredTime = this.#now()
    for (const task of agent.tasks) {
      const { framework, state: previous } = task
      if (!framework.unreachable.delete(task)) continue
      framework.tasks.add(task)
      const healthy = task.spec.hasHealthCheck === true || undefined
      recordStatus(task, 'TASK_RUNNING', this.#now(), { healthy })
      this.#tell({ kind: 'task-updated', task, previous })
    }
    this.#tell({ kind: 'agent-registered', agent })
  }

  addFramework(spec: FrameworkSpec): SimulatedFramework {
    const framework: SimulatedFramework = {
      id: `${this.#id}-${String(this.#frameworksAdded++).padStart(4, '0')}`,
      spec,
      registeredTime: this.#now(),
      unregisteredTime: undefined,
      status: 'connected',
      tasks: new Set(),
      unreachable: new Set(),
      completed: [],
    }
    this.frameworks.add(framework)
    this.#tell({ kind: 'framework-subscribed', framework })
    return framework
  }

  /** Tears a framework down: its tasks are killed and it moves to the completed ones. */
  removeFramework(framework: SimulatedFramework): void {
    for (const task of [...framework.tasks, ...framework.unreachable]) this.kill(task)
    this.frameworks.delete(framework)
    framework.status = 'disconnected'
    framework.unregisteredTime = this.#now()
    this.completedFrameworks.push(framework)
    this.#tell({ kind: 'framework-removed', framework })
  }

  /** The scheduler goes away for now; its tasks go on. */
  disconnect(framework: SimulatedFramework): void {
    framework.status = 'disconnected'
    this.#tell({ kind: 'framework-disconnected', framework })
  }

  /** The scheduler comes back, after `disconnect` or a failover. */
  subscribe(framework: SimulatedFramework): void {
    framework.status = 'connected'
    this.#tell({ kind: 'framework-subscribed', framework })
  }

  /**
   * Starts a task and brings it to `state` (default TASK_RUNNING) by way of TASK_STARTING. Without an
   * agent, agents take turns. Throws a RangeError when no agent or port is free.
   */
  launch(
    framework: SimulatedFramework,
    spec: TaskSpec,
    options: {
      readonly id?: string
      readonly agent?: SimulatedAgent
      readonly state?: TaskState
    } = {},
  ): SimulatedTask {
    const agent = options.agent ?? this.#offers.take()
    const task = newTask(framework, agent, spec, this.#random, options.id)
    const state = options.state ?? 'TASK_RUNNING'
    if (state !== 'TASK_STAGING') recordStatus(task, 'TASK_STARTING', this.#now())
    if (state !== 'TASK_STAGING' && state !== 'TASK_STARTING') {
      recordStatus(task, state, this.#now(), { healthy: spec.hasHealthCheck === true || undefined })
    }
    this.#tell({ kind: 'task-launched', task })
    return task
  }

  /** Brings a task to another state; a terminal one ends it, and nothing changes it afterwards. */
  update(task: SimulatedTask, state: TaskState): void {
    const previous = task.state
    if (isTerminal(previous)) return
    const fromMaster = state === 'TASK_LOST' || state === 'TASK_GONE_BY_OPERATOR'
    const healthy = task.spec.hasHealthCheck === true && state === 'TASK_RUNNING' ? true : undefined
    recordStatus(task, state, this.#now(), { fromMaster, healthy })
    if (isTerminal(state)) this.#complete(task)
    this.#tell({ kind: 'task-updated', task, previous })
  }

  kill(task: SimulatedTask): void {
    this.update(task, 'TASK_KILLED')
  }

  fail(task: SimulatedTask): void {
    this.update(task, 'TASK_FAILED')
  }

  finish(task: SimulatedTask): void {
    this.update(task, 'TASK_FINISHED')
  }

  /** Starts the task's successor on another agent, then kills it, as a rolling restart does. */
  move(task: SimulatedTask, agent?: SimulatedAgent): SimulatedTask {
    const elsewhere = agent ?? this.#offers.take(task.agent)
    const successor = this.launch(task.framework, task.spec, { agent: elsewhere })
    this.kill(task)
    return successor
  }

  /** The running tasks of an app, oldest first. */
  tasksOf(framework: SimulatedFramework, spec: TaskSpec): SimulatedTask[] {
    return [...framework.tasks].filter((task) => task.spec === spec)
  }

  /** Launches or kills (newest first) until an app has `instances` tasks. */
  scale(framework: SimulatedFramework, spec: TaskSpec, instances: number): void {
    const tasks = this.tasksOf(framework, spec)
    for (const task of tasks.slice(instances).reverse()) this.kill(task)
    for (let n = tasks.length; n < instances; n++) this.launch(framework, spec)
  }

  /** A health check reports. */
  setHealth(task: SimulatedTask, healthy: boolean): void {
    recordStatus(task, task.state, this.#now(), { healthy })
    this.#tell({ kind: 'task-health', task, healthy })
  }

  /** The executor reports other addresses; undefined: none at all. */
  setAddresses(task: SimulatedTask, addresses: readonly string[] | undefined): void {
    task.addresses = addresses
    recordStatus(task, task.state, this.#now())
    this.#tell({ kind: 'task-updated', task, previous: task.state })
  }

  /**
   * Another master leads (default: the next one). With `recovery: 'slow'` it knows nobody until
   * `recoverRegistry`, then each agent until `returnAgent`, each framework until `subscribe`.
   */
  failOver({ to, recovery = 'instant' }: FailOverOptions = {}): SimulatedMaster {
    const current = this.leader === undefined ? -1 : this.masters.indexOf(this.leader)
    const leader = to ?? this.masters[(current + 1) % this.masters.length]
    if (leader === undefined) throw new RangeError('the cluster has no masters')
    leader.electedTime = this.#now()
    this.leader = leader
    if (recovery === 'slow') {
      this.registryRecovered = false
      for (const agent of this.agents) if (agent.status === 'registered') agent.status = 'recovered'
      for (const framework of this.frameworks) framework.status = 'recovered'
    }
    this.#tell({ kind: 'leader-elected', leader })
    return leader
  }

  /** The new leader has read its registry: it knows which agents it waits for. */
  recoverRegistry(): void {
    this.registryRecovered = true
    this.revision++
  }

  /** Nobody leads until `failOver`. */
  loseLeader(): void {
    this.leader = undefined
    this.#tell({ kind: 'leader-elected', leader: undefined })
  }

  /** Tells a master where it listens. */
  bindMaster(master: SimulatedMaster, address: HostPort, hostname: string): void {
    master.address = address
    master.hostname = hostname
    this.revision++
  }

  #complete(task: SimulatedTask): void {
    const { framework } = task
    framework.tasks.delete(task)
    framework.unreachable.delete(task)
    framework.completed.push(task)
    if (framework.completed.length > MAX_COMPLETED_TASKS) framework.completed.shift()
    releaseTask(task)
  }

  #now(): number {
    return this.#clock() / 1000
  }

  #tell(change: ClusterChange): void {
    if (!change.kind.startsWith('task-')) this.#offers.invalidate()
    this.revision++
    for (const listener of this.#listeners) listener(change)
  }
}
