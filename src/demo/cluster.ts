import type { HostPort } from '../net/address.ts'
import { isListed, newAgent } from './agent.ts'
import type { ChangeListener, ClusterChange } from './change.ts'
import { completeTask, newFramework } from './framework.ts'
import {
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
import {
  AGENT_GONE,
  AGENT_UNREACHABLE,
  AGENT_UNREGISTERED,
  forgetLoss,
  frameworkRemoved,
  lossOf,
  newTask,
  recordStatus,
  type StatusDetails,
  UNKNOWN_TO_AGENT,
} from './task.ts'

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
 * happen to them. Every change is told to the listeners and raises `revision`. What can happen is one method
 * each, here and nowhere else; what a master makes known of it is in `v1-events.ts` and `view.ts`.
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
  /** Rises by one with every change: a sequence number, by which a server knows when to render anew. */
  revision = 0

  readonly #id: string
  readonly #random: Random
  readonly #clock: () => number
  readonly #offers = new Offers(this.agents)
  readonly #listeners = new Set<ChangeListener>()
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
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Adds an agent; without an address it gets the next one of 10.0.0.0/8. */
  addAgent(address?: HostPort): SimulatedAgent {
    const agent = newAgent(this.#id, this.#agentsAdded++, address, this.#now())
    this.agents.add(agent)
    this.#tell({ kind: 'agent-registered', agent })
    return agent
  }

  /** Takes an agent away for good, as an operator who marks it gone; its tasks end. */
  removeAgent(agent: SimulatedAgent): void {
    this.agents.delete(agent)
    for (const task of [...agent.tasks]) {
      const isAware = task.framework.spec.partitionAware !== false
      this.update(task, lossOf(task, 'TASK_GONE_BY_OPERATOR'), {
        ...AGENT_GONE,
        ...(isAware ? {} : { reason: AGENT_UNREACHABLE.reason }),
      })
    }
    this.#tell({ kind: 'agent-removed', agent, unregistered: false })
  }

  /** An agent says goodbye and ends, its tasks with it. */
  unregisterAgent(agent: SimulatedAgent): void {
    this.agents.delete(agent)
    for (const task of [...agent.tasks]) this.update(task, 'TASK_LOST', AGENT_UNREGISTERED)
    this.#tell({ kind: 'agent-removed', agent, unregistered: true })
  }

  /** The master cannot reach the agent any more: its tasks become unreachable (or lost). */
  loseAgent(agent: SimulatedAgent): void {
    const wasListed = isListed(agent)
    agent.status = 'unreachable'
    for (const task of agent.tasks) {
      const { framework, state: previous } = task
      framework.tasks.delete(task)
      framework.unreachable.add(task)
      recordStatus(task, lossOf(task, 'TASK_UNREACHABLE'), this.#now(), AGENT_UNREACHABLE)
      if (wasListed) this.#tell({ kind: 'task-updated', task, previous })
    }
    this.#tell({ kind: 'agent-unreachable', agent })
  }

  /**
   * A lost or recovered agent registers again, its tasks still running. A master hears of the tasks first if it
   * had lost the agent, and of the agent first if it has just come to lead.
   */
  returnAgent(agent: SimulatedAgent): void {
    const wasLost = agent.status === 'unreachable'
    agent.status = 'registered'
    agent.reregisteredTime = this.#now()
    if (!wasLost) this.#tell({ kind: 'agent-registered', agent })
    const tasks = [...agent.tasks]
    for (const framework of new Set(tasks.map((task) => task.framework))) {
      if (framework.status === 'unknown') this.#recover(framework)
    }
    for (const task of tasks) {
      if (task.framework.unreachable.delete(task)) task.framework.tasks.add(task)
      forgetLoss(task)
      this.#tell({ kind: 'task-returned', task })
    }
    if (wasLost) this.#tell({ kind: 'agent-registered', agent })
  }

  /** An agent's process ends and its tasks go on; the master waits for it and tells no subscriber. */
  crashAgent(agent: SimulatedAgent): void {
    agent.status = 'disconnected'
    this.#tell({ kind: 'agent-crashed', agent })
  }

  /** It runs again before the master has given it up. */
  restartAgent(agent: SimulatedAgent): void {
    agent.status = 'registered'
    this.#tell({ kind: 'agent-restarted', agent })
  }

  addFramework(spec: FrameworkSpec): SimulatedFramework {
    const framework = newFramework(this.#id, this.#frameworksAdded++, spec, this.#now())
    this.frameworks.add(framework)
    this.#tell({ kind: 'framework-subscribed', framework, known: false })
    return framework
  }

  /** Tears a framework down: its tasks are killed and it moves to the completed ones. */
  removeFramework(framework: SimulatedFramework): void {
    for (const task of [...framework.tasks, ...framework.unreachable]) {
      this.update(task, 'TASK_KILLED', frameworkRemoved(framework))
    }
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
    const known = framework.status !== 'unknown'
    framework.status = 'connected'
    framework.reregisteredTime = this.#now()
    this.#tell({ kind: 'framework-subscribed', framework, known })
  }

  /**
   * Starts a task and brings it to `state` (default TASK_RUNNING) by way of TASK_STARTING. Without an
   * agent, agents take turns. A scheduler that the leader does not know subscribes first. Throws a
   * RangeError when no agent or port is free.
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
    if (framework.status === 'unknown') this.subscribe(framework)
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
  update(task: SimulatedTask, state: TaskState, details?: StatusDetails): void {
    const previous = task.state
    if (isTerminal(previous)) return
    const byMaster = state === 'TASK_LOST' || state === 'TASK_GONE_BY_OPERATOR'
    const healthy = task.spec.hasHealthCheck === true && state === 'TASK_RUNNING' ? true : undefined
    recordStatus(task, state, this.#now(), {
      healthy,
      ...(details ?? (byMaster ? UNKNOWN_TO_AGENT : {})),
    })
    if (isTerminal(state)) completeTask(task)
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

  /** A task's health changes; `announced` (the default): a health check says so, which subscribers are told. */
  setHealth(
    task: SimulatedTask,
    healthy: boolean,
    { announced = true }: { readonly announced?: boolean } = {},
  ): void {
    const reason = announced ? 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED' : undefined
    recordStatus(task, task.state, this.#now(), { healthy, reason })
    this.#tell({ kind: 'task-health', task, healthy, announced })
  }

  /** The executor reports other addresses; undefined: none at all. Subscribers are not told. */
  setAddresses(task: SimulatedTask, addresses: readonly string[] | undefined): void {
    task.addresses = addresses
    recordStatus(task, task.state, this.#now())
    this.#tell({ kind: 'task-addresses', task })
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
      for (const agent of this.agents) if (isListed(agent)) agent.status = 'recovered'
      for (const framework of this.frameworks) framework.status = 'unknown'
    }
    this.#tell({ kind: 'leader-elected', leader })
    return leader
  }

  /** The new leader has read its registry: it knows which agents it waits for. */
  recoverRegistry(): void {
    this.registryRecovered = true
    this.#tell({ kind: 'registry-recovered' })
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
    this.#tell({ kind: 'master-started', master })
  }

  /** A master's process starts again: another one with another id. Who leads does not change by that. */
  restartMaster(master: SimulatedMaster): void {
    master.id = this.#random.uuid()
    master.startTime = this.#now()
    this.#tell({ kind: 'master-started', master })
  }

  #recover(framework: SimulatedFramework): void {
    framework.status = 'recovered'
    this.#tell({ kind: 'framework-recovered', framework })
  }

  #now(): number {
    return this.#clock() / 1000
  }

  #tell(change: ClusterChange): void {
    if (!change.kind.startsWith('task-')) this.#offers.invalidate()
    this.revision++
    const moment = { revision: this.revision, time: this.#clock() }
    for (const listener of this.#listeners) listener(change, moment)
  }
}
