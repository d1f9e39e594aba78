import type { DiscoveryPort, Task } from '../state/model.ts'
import type { AgentView, AgentViews } from './agents.ts'
import { RANK, type Rank } from './contribution.ts'
import type { Contributor } from './contributor.ts'
import type { FrameworkView } from './frameworks.ts'
import { taskHash } from './hash.ts'
import { judge } from './health.ts'
import { type CanonicalNames, FrameworkNames, type SharedNames, type Views } from './task-names.ts'

const MAX_PORT = 65535

/** One task under one of its names. */
interface Entry {
  readonly task: Task
  readonly shared: SharedNames
  readonly canonical: CanonicalNames
  readonly ranks: Views<Rank>
}

/** Contributes tasks of one framework; what each comes to follows from the task and the two views alone. */
export class FrameworkTasks {
  readonly #isShadowed: boolean
  readonly #agents: AgentViews
  readonly #names: FrameworkNames
  readonly #to: Contributor

  constructor({ name, isShadowed }: FrameworkView, agents: AgentViews, to: Contributor) {
    const { suffix, rules } = to.conventions
    this.#isShadowed = isShadowed
    this.#agents = agents
    this.#names = new FrameworkNames(name, suffix, rules)
    this.#to = to
  }

  /** Whether a task has records: it runs, its agent is known, and its health allows it. */
  counts(task: Task): boolean {
    return (
      task.state === 'TASK_RUNNING' &&
      this.#agents.has(task.agentId) &&
      judge(task, this.#to.conventions.config.health) !== 'omit'
    )
  }

  /** Contributes the records of a task, if it has any, and its own name (`T.framework.domain.`, mangled). */
  contribute(task: Task): void {
    if (task.state !== 'TASK_RUNNING') return
    const agent = this.#agents.get(task.agentId)
    if (agent === undefined) return
    const verdict = judge(task, this.#to.conventions.config.health)
    if (verdict === 'omit') return
    const rank = verdict === 'serve' ? RANK.SERVED : RANK.UNHEALTHY
    this.#addTask(task, agent, { task: this.#isShadowed ? RANK.SHADOWED : rank, agent: rank })
  }

  #addTask(task: Task, agent: AgentView, ranks: Views<Rank>): void {
    const instance = `${taskHash(task.id)}-${agent.tail}`
    const addresses = this.#to.conventions.addressesOf(task, agent.addresses)
    const allShared = this.#names.of(task)
    for (const shared of allShared) {
      const entry = { task, shared, canonical: this.#names.canonical(shared, instance), ranks }
      if (shared.shortened || entry.canonical.shortened) this.#reportShortened(shared)
      this.#addAddresses(entry, addresses, agent.addresses)
      this.#addHostPorts(entry)
      this.#addDiscoveryPorts(entry)
    }
    const own = allShared.at(-1)
    if (own !== undefined) this.#to.ownName(own.owner.task)
  }

  #addAddresses(
    { task, shared: { owner }, canonical, ranks }: Entry,
    addresses: readonly string[],
    agentAddresses: readonly string[],
  ): void {
    for (const address of addresses) {
      this.#addAddress(task, owner.task, address, ranks.task)
      this.#addAddress(task, canonical.task, address, ranks.task)
    }
    for (const address of agentAddresses) {
      this.#addAddress(task, owner.agent, address, ranks.agent)
      this.#addAddress(task, canonical.agent, address, ranks.agent)
    }
  }

  #addAddress(task: Task, name: string, address: string, rank: Rank): void {
    if (name === this.#to.conventions.nameServer) {
      this.#to.report(
        'name-reserved',
        name,
        `task ${JSON.stringify(task.name)} gets no address there: it is the name server's name`,
      )
      return
    }
    this.#to.address(name, address, rank)
  }

  /** Ports of the agent that Mesos gave the task; DiscoveryInfo replaces them in the task's view. */
  #addHostPorts({ task, shared, canonical, ranks }: Entry): void {
    for (const port of distinct(task.ports)) {
      this.#addServices(shared.services.agent, port, canonical.agent, ranks.agent)
      if (task.discovery !== undefined) continue
      this.#addServices(shared.services.task, port, canonical.agent, ranks.task)
    }
  }

  #addDiscoveryPorts({ task, shared, canonical, ranks }: Entry): void {
    if (task.discovery === undefined) return
    for (const port of task.discovery.ports) {
      const { number } = port
      this.#checkPort(task, port)
      const services = this.#names.discoveryServices(shared, port)
      const agentServices = task.ports.includes(number) ? services.notForHostPorts : services.agent
      this.#addServices(services.task, number, canonical.task, ranks.task)
      this.#addServices(agentServices, number, canonical.agent, ranks.agent)
    }
  }

  #addServices(services: readonly string[], port: number, target: string, rank: Rank): void {
    if (!this.#to.fits(target)) return
    const rdata = this.#to.srvRdata(port, target)
    for (const name of services) this.#to.record('SRV', name, rdata, rank)
  }

  #checkPort(task: Task, { number }: DiscoveryPort): void {
    if (number >= 0 && number <= MAX_PORT) return
    this.#to.report(
      'port-out-of-range',
      task.id,
      `port ${number} in DiscoveryInfo is not within 0..${MAX_PORT}, answers carry its lower 16 bits`,
    )
  }

  #reportShortened({ owner }: SharedNames): void {
    this.#to.report(
      'label-shortened',
      owner.task,
      'labels of more than 63 octets are cut and end in a hash of the whole (RFC 1035 §2.3.4)',
    )
  }
}

function distinct(numbers: readonly number[]): Iterable<number> {
  return numbers.length > 1 ? new Set(numbers) : numbers
}
