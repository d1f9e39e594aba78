// A cluster as it really is, the master that knows a part of it, and what that master says.
import type { HostPort } from '../../../src/net/address.ts'
import { Report } from '../../../src/report.ts'
import type { ClusterEvent } from '../../../src/state/cluster-event.ts'
import type { FullState } from '../../../src/state/full-state.ts'
import type { Agent, Framework, Task } from '../../../src/state/model.ts'
import { endpoint, status } from '../../records/cluster.ts'
import { added, agents, event, frameworkTold, runs, updated } from './setup.ts'

interface ModelAgent {
  readonly agent: Agent
  /**
   * `away`: not back yet after a failover; `lost`: the master says that it is not to be reached.
   */
  where: 'here' | 'away' | 'lost'
}

interface ModelFramework {
  readonly id: string
  hostname: string
  pid: HostPort | undefined
  /** Whether the master knows it, if only from an agent. */
  isListed: boolean
  /** Whether its scheduler has told the master where it is. */
  isSubscribed: boolean
}

export interface ModelTask {
  readonly frameworkId: string
  task: Task
}

const NEXT: Readonly<Record<string, string>> = {
  TASK_STAGING: 'TASK_STARTING',
  TASK_STARTING: 'TASK_RUNNING',
  TASK_RUNNING: 'TASK_RUNNING',
}

export class ModelCluster {
  readonly agents = new Map<string, ModelAgent>()
  readonly frameworks = new Map<string, ModelFramework>()
  /** By `framework/task`. */
  readonly tasks = new Map<string, ModelTask>()
  /** What the stream has not delivered yet; undefined while there is no stream. */
  stream: ClusterEvent[] | undefined
  master = 1
  registryIsKnown = true
  readonly #decoded = new Map<string, Task>()
  #time = 0
  #names = 0

  get hereIds(): string[] {
    return this.#agentsThatAre('here')
  }

  get awayIds(): string[] {
    return this.#agentsThatAre('away')
  }

  get lostIds(): string[] {
    return this.#agentsThatAre('lost')
  }

  addAgent(): void {
    for (const agent of agents(`S${this.#names++}`).values()) {
      this.agents.set(agent.id, { agent, where: 'here' })
      this.#say(event({ kind: 'agent-added', agent }))
    }
  }

  /** It leaves in good order. */
  removeAgent(id: string): void {
    for (const key of this.#tasksOn(id)) this.tasks.delete(key)
    this.agents.delete(id)
    this.#say(event({ kind: 'agent-removed', agentId: id }))
  }

  /** Of an agent that is not to be reached, only its tasks tell. */
  loseAgent(id: string): void {
    this.#place(id, 'lost')
    for (const key of this.#tasksOn(id)) {
      const { frameworkId, task } = this.#task(key)
      this.#say(updated(frameworkId, task.id, 'TASK_LOST', { removedAgentId: id }))
    }
  }

  /** One that was lost: its tasks are told before it. */
  findAgent(id: string): void {
    this.#place(id, 'here')
    this.#tellTasksOn(id)
    this.#say(event({ kind: 'agent-added', agent: this.#agent(id).agent }))
  }

  /** One that a new leader has waited for. */
  welcomeAgent(id: string): void {
    this.#place(id, 'here')
    this.#say(event({ kind: 'agent-added', agent: this.#agent(id).agent }))
    this.#tellTasksOn(id)
  }

  /** One that is away too long, or marked as gone: no event tells. */
  forgetAgent(id: string): void {
    for (const key of this.#tasksOn(id)) this.tasks.delete(key)
    this.agents.delete(id)
  }

  addFramework(pid: HostPort | undefined): void {
    const id = `f${this.#names++}`
    const hostname = 'one.example'
    this.frameworks.set(id, { id, hostname, pid, isListed: true, isSubscribed: true })
    this.#say(frameworkTold(id, hostname))
  }

  /** A scheduler subscribes, again or for the first time since a failover. */
  subscribe(id: string, pid: HostPort | undefined, hostname: string): void {
    const framework = this.#framework(id)
    Object.assign(framework, { pid, hostname, isListed: true, isSubscribed: true })
    this.#say(frameworkTold(id, hostname))
  }

  removeFramework(id: string): void {
    for (const [key, { frameworkId }] of this.tasks)
      if (frameworkId === id) this.end(key, 'TASK_KILLED')
    this.frameworks.delete(id)
    this.#say(event({ kind: 'framework-removed', frameworkId: id }))
  }

  launch(frameworkId: string, agentId: string, taskId: string): void {
    const key = `${frameworkId}/${taskId}`
    if (this.tasks.has(key)) return
    const task = this.#same(runs(taskId, agentId, { state: 'TASK_STAGING', statuses: [] }))
    this.tasks.set(key, { frameworkId, task })
    this.#say(added(frameworkId, task))
  }

  /** The next state of a task, or, of a running one, the next result of its health check. */
  progress(key: string): void {
    const known = this.#task(key)
    const { task } = known
    const state = NEXT[task.state] ?? task.state
    const timestamp = ++this.#time
    const healthy = state === 'TASK_RUNNING' ? timestamp % 2 === 0 : undefined
    const next = status({ state, timestamp, healthy })
    const others = task.statuses.filter((one) => one.state !== state)
    known.task = this.#same({ ...task, state, statuses: [...others, next] })
    if (this.#isTold(task)) this.#say(updated(known.frameworkId, task.id, state, next))
  }

  /** Another address, which no event tells. */
  moveSilently(key: string): void {
    const known = this.#task(key)
    const networkAddresses = [`10.9.0.${++this.#time % 250}`]
    const statuses = known.task.statuses.map((each) => ({ ...each, networkAddresses }))
    known.task = this.#same({ ...known.task, statuses })
  }

  end(key: string, state = 'TASK_FINISHED'): void {
    const { frameworkId, task } = this.#task(key)
    this.tasks.delete(key)
    if (this.#isTold(task))
      this.#say(updated(frameworkId, task.id, state, { timestamp: ++this.#time }))
  }

  /** Another master leads: it knows nothing of what it has not been told, and the stream is cut. */
  failOver(): void {
    this.master++
    this.registryIsKnown = false
    this.stream = undefined
    for (const agent of this.agents.values()) if (agent.where === 'here') agent.where = 'away'
    for (const id of this.lostIds) this.forgetAgent(id)
    for (const framework of this.frameworks.values()) {
      framework.isListed = false
      framework.isSubscribed = false
    }
  }

  /** A `/state` of this moment. */
  state(): FullState {
    return {
      state: {
        leader: endpoint(`m${this.master}.example:5050`),
        agents: new Map(this.hereIds.map((id) => [id, this.#agent(id).agent])),
        frameworks: Array.from(this.frameworks.values(), (each) => this.#listed(each)).flat(),
      },
      report: new Report(),
      form: 'state',
      masterId: `M${this.master}`,
      recoveredAgents: new Set(this.registryIsKnown ? this.awayIds : []),
    }
  }

  /** What a stream begins with at this moment. */
  v1State(): FullState {
    const { state, ...full } = this.state()
    const frameworks = state.frameworks.map((framework) => ({ ...framework, pid: undefined }))
    return {
      ...full,
      state: { ...state, leader: undefined, frameworks },
      form: 'v1',
      masterId: undefined,
    }
  }

  #listed({ id, hostname, pid, isListed, isSubscribed }: ModelFramework): Framework[] {
    if (!isListed) return []
    const tasks = [...this.tasks.values()]
      .filter(({ frameworkId, task }) => frameworkId === id && this.#isTold(task))
      .map(({ task }) => task)
    return [{ id, name: id, hostname, pid: isSubscribed ? pid : undefined, tasks }]
  }

  #tellTasksOn(agentId: string): void {
    for (const key of this.#tasksOn(agentId)) {
      const { frameworkId, task } = this.#task(key)
      const framework = this.#framework(frameworkId)
      if (!framework.isListed) {
        framework.isListed = true
        this.#say(frameworkTold(frameworkId, framework.hostname))
      }
      this.#say(added(frameworkId, task))
    }
  }

  #tasksOn(agentId: string): string[] {
    return [...this.tasks].filter(([, { task }]) => task.agentId === agentId).map(([key]) => key)
  }

  #isTold(task: Task): boolean {
    return this.agents.get(task.agentId)?.where === 'here'
  }

  #agentsThatAre(where: ModelAgent['where']): string[] {
    return [...this.agents].filter(([, agent]) => agent.where === where).map(([id]) => id)
  }

  #place(id: string, where: ModelAgent['where']): void {
    this.#agent(id).where = where
  }

  #agent(id: string): ModelAgent {
    return present(this.agents.get(id))
  }

  #framework(id: string): ModelFramework {
    return present(this.frameworks.get(id))
  }

  #task(key: string): ModelTask {
    return present(this.tasks.get(key))
  }

  /** What says the same in two states is decoded to one object. */
  #same(task: Task): Task {
    const text = JSON.stringify(task)
    const known = this.#decoded.get(text) ?? task
    this.#decoded.set(text, known)
    return known
  }

  #say(said: ClusterEvent): void {
    this.stream?.push(said)
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the model has no such object')
  return value
}
