import type { Discovery, Label, Task, TaskStatus } from '../model.ts'
import { NONE } from '../narrow.ts'
import { type PortList, parsePortRanges, readPortResources } from '../ports.ts'

/** Lists of each kind that are remembered to be shared. */
const MAX_LISTS = 16_384
/** Longer lists are rare, and too large to be kept for tasks that may come. */
const MAX_SHARED_PORTS = 16
/** Longer strings are no names that many tasks have. */
const LONGEST_TEXT = 256

export interface CompactorOptions {
  /** Whether equal strings are made one, too; those of a PartialParser already are. */
  readonly poolStrings?: boolean
}

/**
 * Makes decoded tasks smaller. They stay for as long as the cluster is as it is, a hundred thousand of them: their lists
 * get no room to grow, and equal lists that many tasks have, such as the labels of an app, are one.
 */
export class Compactor {
  readonly #addresses = new Map<string, readonly string[]>()
  readonly #ports = new Map<string, PortList>()
  readonly #labels = new Map<string, readonly Label[]>()
  readonly #texts = new Map<string, string>()
  readonly #poolStrings: boolean

  constructor({ poolStrings = false }: CompactorOptions = {}) {
    this.#poolStrings = poolStrings
  }

  /** The ports of a text, that of many tasks on other agents too. */
  readonly ports = (text: string): PortList =>
    this.#ports.get(text) ?? this.#sharedPorts(text, parsePortRanges(text))

  /** The ports of a list of resources, that of many tasks on other agents too. */
  readonly portResources = (resources: readonly unknown[]): PortList => {
    const list = readPortResources(resources)
    if (list.ports.length === 0 || list.odd !== undefined) return list
    if (list.ports.length > MAX_SHARED_PORTS) return compactPorts(list)
    const text = list.ports.join()
    return this.#ports.get(text) ?? this.#sharedPorts(text, list)
  }

  #sharedPorts(text: string, list: PortList): PortList {
    const compact = compactPorts(list)
    return list.ports.length > MAX_SHARED_PORTS ? compact : remember(this.#ports, text, compact)
  }

  /** The same task, as decoded with the ports from here, in less memory. */
  task(task: Task): Task {
    const { discovery, statuses } = task
    return {
      id: task.id,
      name: this.text(task.name),
      agentId: this.text(task.agentId),
      state: this.text(task.state),
      ports: task.ports,
      discovery: discovery && this.#discovery(discovery),
      statuses: statuses.length === 0 ? NONE : statuses.map((status) => this.status(status)),
      hasHealthCheck: task.hasHealthCheck,
      hasPortMappings: task.hasPortMappings,
      labels: this.#sharedLabels(task.labels),
    }
  }

  #discovery({ name, ports }: Discovery): Discovery {
    return { name: this.text(name), ports: ports.length === 0 ? NONE : ports.slice() }
  }

  /** The same status in less memory. */
  status(status: TaskStatus): TaskStatus {
    return {
      state: this.text(status.state),
      timestamp: status.timestamp,
      healthy: status.healthy,
      labels: this.#sharedLabels(status.labels),
      networkAddresses: this.#sharedAddresses(status.networkAddresses),
    }
  }

  /** The same string, and mostly one object for equal ones, if strings are pooled. */
  text(text: string): string {
    if (!this.#poolStrings || text.length > LONGEST_TEXT) return text
    return this.#texts.get(text) ?? remember(this.#texts, text, text)
  }

  /** Most lists have one address, which all tasks in the network of their agent have. */
  #sharedAddresses(addresses: readonly string[]): readonly string[] {
    const [first] = addresses
    if (first === undefined) return NONE
    if (addresses.length > 1) return addresses.slice()
    return this.#addresses.get(first) ?? remember(this.#addresses, first, addresses.slice())
  }

  /** Shares the labels with the last task whose first label has the same value, if they are the same. */
  #sharedLabels(labels: readonly Label[]): readonly Label[] {
    const [first] = labels
    if (first === undefined) return NONE
    const known = this.#labels.get(first.value)
    if (known !== undefined && areSame(known, labels)) return known
    return remember(this.#labels, first.value, labels.slice())
  }
}

function compactPorts({ ports, odd }: PortList): PortList {
  return { ports: ports.slice(), odd }
}

function areSame(a: readonly Label[], b: readonly Label[]): boolean {
  if (a.length !== b.length) return false
  return a.every(({ key, value }, i) => key === b[i]?.key && value === b[i]?.value)
}

function remember<K, V>(known: Map<K, V>, key: K, value: V): V {
  if (known.size >= MAX_LISTS) known.clear()
  known.set(key, value)
  return value
}
