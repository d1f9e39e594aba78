import type { DiscoveryPort, Framework, Task } from '../state/model.ts'
import type { AgentView } from './agents.ts'
import { addressType, type Generation } from './generation.ts'
import { taskHash } from './hash.ts'
import { judge } from './health.ts'
import { type AddressSource, addressSource } from './ip-sources.ts'
import type { TaskObserver } from './observer.ts'
import type { RecordType } from './record-set.ts'
import { SpareRecords } from './spare-records.ts'
import { type CanonicalNames, FrameworkNames, type SharedNames, type Views } from './task-names.ts'

const MAX_PORT = 65535

/** How the records of the task at hand are to be made. */
type Mode = 'serve' | 'unhealthy' | 'shadowed'

/** One task under one of its names. */
interface Entry {
  readonly task: Task
  readonly shared: SharedNames
  readonly canonical: CanonicalNames
  readonly modes: Views<Mode>
  /**
   * Whether no task had its canonical name before. Then only SRV records of its own can equal a new
   * one, as those of another have another target, and they are the last of their sets.
   */
  readonly isFirst: boolean
}

/**
 * Adds the records of every running task on a known agent. Returns the tasks' own names
 * (`T.framework.domain.`, mangled), which reverse records point to.
 */
export function addTasks(
  generation: Generation,
  agents: ReadonlyMap<string, AgentView>,
  observer?: TaskObserver,
): ReadonlySet<string> {
  const tasks = new TaskRecords(generation, agents, observer)
  for (const framework of generation.input.state.frameworks) tasks.addFramework(framework)
  tasks.finish()
  return tasks.ownNames
}

class TaskRecords {
  readonly ownNames = new Set<string>()

  readonly #generation: Generation
  readonly #agents: ReadonlyMap<string, AgentView>
  readonly #observer: TaskObserver | undefined
  readonly #addresses: AddressSource
  readonly #frameworkNames: ReadonlySet<string>
  /** By mangled name of the framework. */
  readonly #names = new Map<string, FrameworkNames>()
  readonly #spare = new SpareRecords()

  constructor(
    generation: Generation,
    agents: ReadonlyMap<string, AgentView>,
    observer: TaskObserver | undefined,
  ) {
    this.#generation = generation
    this.#agents = agents
    this.#observer = observer
    this.#addresses = addressSource(generation.input.config.ipSources)
    this.#frameworkNames = new Set(
      generation.input.state.frameworks.map(({ name }) => generation.rules.domainFragment(name)),
    )
  }

  addFramework(framework: Framework): void {
    this.#observer?.framework(framework)
    const { rules, suffix, input } = this.#generation
    const name = rules.domainFragment(framework.name)
    const names = this.#names.get(name) ?? new FrameworkNames(name, suffix, rules)
    this.#names.set(name, names)
    const isShadowed = this.#isShadowed(name)
    for (const task of framework.tasks) {
      if (task.state !== 'TASK_RUNNING') continue
      const agent = this.#agents.get(task.agentId)
      if (agent === undefined) continue
      const verdict = judge(task, input.config.health)
      if (verdict === 'omit') continue
      this.#observer?.task(task)
      const mode = verdict === 'serve' ? 'serve' : 'unhealthy'
      this.#addTask(task, agent, names, { task: isShadowed ? 'shadowed' : mode, agent: mode })
    }
  }

  finish(): void {
    this.#spare.release(
      this.#generation.records,
      ({ task, type, name, rdata }) => this.#use(task, type, name, rdata),
      ({ name }) =>
        this.#generation.report(
          'name-conflict',
          name,
          'belongs to the agents of a framework without .slave in its name, left out for the other',
        ),
    )
  }

  /**
   * Whether the framework is called `x.slave` beside one called `x`: `web.x.slave.domain.` is where x's
   * agents are, and no other framework's tasks may slip in there.
   */
  #isShadowed(name: string): boolean {
    return name.endsWith('.slave') && this.#frameworkNames.has(name.slice(0, -'.slave'.length))
  }

  #addTask(task: Task, agent: AgentView, names: FrameworkNames, modes: Views<Mode>): void {
    const instance = `${taskHash(task.id)}-${agent.tail}`
    const addresses = this.#addresses(task, agent.addresses)
    const allShared = names.of(task)
    for (const shared of allShared) {
      const known = shared.instances.size
      const isFirst = shared.instances.add(instance).size > known
      const entry = { task, shared, canonical: names.canonical(shared, instance), modes, isFirst }
      if (shared.shortened || entry.canonical.shortened) this.#reportShortened(shared)
      this.#addAddresses(entry, addresses, agent.addresses)
      this.#addHostPorts(entry)
      this.#addDiscoveryPorts(entry, names)
    }
    const own = allShared.at(-1)
    if (own !== undefined) this.ownNames.add(own.owner.task)
  }

  #addAddresses(
    { task, shared: { owner }, canonical, modes }: Entry,
    addresses: readonly string[],
    agentAddresses: readonly string[],
  ): void {
    for (const address of addresses) {
      this.#addAddress(task, owner.task, address, modes.task)
      this.#addAddress(task, canonical.task, address, modes.task)
    }
    for (const address of agentAddresses) {
      this.#addAddress(task, owner.agent, address, modes.agent)
      this.#addAddress(task, canonical.agent, address, modes.agent)
    }
  }

  #addAddress(task: Task, name: string, address: string, mode: Mode): void {
    if (name === this.#generation.nameServer) {
      this.#generation.report(
        'name-reserved',
        name,
        `task ${JSON.stringify(task.name)} gets no address there: it is the name server's name`,
      )
      return
    }
    const type = addressType(address)
    if (mode === 'serve') this.#use(task, type, name, address)
    else this.#spare[mode]({ task, type, name, rdata: address })
  }

  /** Ports of the agent that Mesos gave the task; DiscoveryInfo replaces them in the task's view. */
  #addHostPorts(entry: Entry): void {
    const { task, shared, canonical, isFirst } = entry
    const recent = isFirst ? 0 : undefined
    for (const port of distinct(task.ports)) {
      this.#addServices(entry, 'agent', shared.services.agent, port, canonical.agent, recent)
      if (task.discovery !== undefined) continue
      this.#addServices(entry, 'task', shared.services.task, port, canonical.agent, recent)
    }
  }

  #addDiscoveryPorts(entry: Entry, names: FrameworkNames): void {
    const { task, shared, canonical, isFirst } = entry
    const ports = task.discovery?.ports ?? []
    // Only ports of one number can make equal records: then this task's, at most so many, are searched.
    const own = hasEqualNumbers(ports) ? task.ports.length + ports.length : 0
    const recent = isFirst ? own : undefined
    for (const port of ports) {
      const { number } = port
      this.#checkPort(task, number)
      const services = names.discoveryServices(shared, port)
      const agentServices = task.ports.includes(number) ? services.notForHostPorts : services.agent
      this.#addServices(entry, 'task', services.task, number, canonical.task, recent)
      this.#addServices(entry, 'agent', agentServices, number, canonical.agent, recent)
    }
  }

  /** `recent` as for RecordSet.addRecent, undefined to search all. */
  #addServices(
    { task, modes }: Entry,
    view: keyof Views<unknown>,
    services: readonly string[],
    port: number,
    target: string,
    recent: number | undefined,
  ): void {
    if (!this.#generation.fits(target)) return
    const rdata = this.#generation.srv(port, target)
    const mode = modes[view]
    for (const name of services) {
      if (mode === 'serve') this.#use(task, 'SRV', name, rdata, recent)
      else this.#spare[mode]({ task, type: 'SRV', name, rdata })
    }
  }

  #use(task: Task, type: RecordType, name: string, rdata: string, recent?: number): void {
    const isNew =
      recent === undefined
        ? this.#generation.add(type, name, rdata)
        : this.#generation.addRecent(type, name, rdata, recent)
    if (isNew) this.#observer?.record(task, type, name, rdata)
  }

  #checkPort(task: Task, port: number): void {
    if (port >= 0 && port <= MAX_PORT) return
    this.#generation.report(
      'port-out-of-range',
      task.id,
      `port ${port} in DiscoveryInfo is not within 0..${MAX_PORT}, answers carry its lower 16 bits`,
    )
  }

  #reportShortened({ owner }: SharedNames): void {
    this.#generation.report(
      'label-shortened',
      owner.task,
      'labels of more than 63 octets are cut and end in a hash of the whole (RFC 1035 §2.3.4)',
    )
  }
}

function distinct(numbers: readonly number[]): Iterable<number> {
  return numbers.length > 1 ? new Set(numbers) : numbers
}

function hasEqualNumbers(ports: readonly DiscoveryPort[]): boolean {
  return ports.length > 1 && new Set(ports.map(({ number }) => number)).size < ports.length
}
