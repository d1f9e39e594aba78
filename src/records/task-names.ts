import type { DiscoveryPort, Task } from '../state/model.ts'
import type { LabelRules } from './labels.ts'
import { fitLabels } from './name-limits.ts'

/**
 * One thing seen from both sides: in `….framework.domain.`, where the task's addresses are, and in
 * `….framework.slave.domain.`, where its agent's are.
 */
export interface Views<T> {
  readonly task: T
  readonly agent: T
}

/** The names that all tasks of one name in one framework share. */
export interface SharedNames {
  /** The task name they are made from, not fitted. */
  readonly label: string
  /** `label.framework[.slave].domain.` */
  readonly owner: Views<string>
  /** `_label._tcp.…` and `_label._udp.…` */
  readonly services: Views<readonly [tcp: string, udp: string]>
  /** Whether a label of these had to be shortened. */
  readonly shortened: boolean
  /** What `discoveryServices` has made for them lately, by protocol and name of the port. */
  readonly ports: Map<string, DiscoveryServices>
}

/** Owners of the SRV records of a discovery port: with its protocols, without and with its name. */
export interface DiscoveryServices extends Views<readonly string[]> {
  /** Those of the agent's view that a host port of the same number does not have already. */
  readonly notForHostPorts: readonly string[]
}

/** `label-hash-tail.framework[.slave].domain.`, the names of one task alone. */
export interface CanonicalNames extends Views<string> {
  /** Whether a label of these had to be shortened. */
  readonly shortened: boolean
}

/** Task names, and ports of one, that are remembered at most; where there are more, few tasks share one. */
const MAX_REMEMBERED = 1024
const MAX_PORTS = 64

/**
 * Makes the names below one framework and remembers those of the last tasks: thousands may share them.
 */
export class FrameworkNames {
  readonly #ends: Views<string>
  readonly #rules: LabelRules
  readonly #ofNames = new Map<string, readonly SharedNames[]>()
  readonly #ofDiscoveryNames = new Map<string, readonly SharedNames[]>()

  /** `name` is the mangled name of the framework, `suffix` is `.domain.` */
  constructor(name: string, suffix: string, rules: LabelRules) {
    this.#ends = { task: `.${name}${suffix}`, agent: `.${name}.slave${suffix}` }
    this.#rules = rules
  }

  /**
   * The names a task shares with others: those of its discovery name as sent, if it has one that is no
   * label, and, last, those of the label made of its discovery name or, without one, its own.
   */
  of({ name, discovery }: Task): readonly SharedNames[] {
    const known = discovery === undefined ? this.#ofNames : this.#ofDiscoveryNames
    const text = discovery?.name ?? name
    let names = known.get(text)
    if (names === undefined) {
      if (known.size >= MAX_REMEMBERED) known.clear()
      const label = this.#rules.label(text)
      const isRawToo = discovery !== undefined && text !== label
      names = (isRawToo ? [text, label] : [label]).map((each) => this.#sharedNames(each))
      known.set(text, names)
    }
    return names
  }

  #sharedNames(label: string): SharedNames {
    const fitted = fitLabels(label)
    const service = fitLabels(`_${label}`)
    return {
      label,
      owner: this.#views(fitted),
      services: {
        task: protocolPair(service, this.#ends.task),
        agent: protocolPair(service, this.#ends.agent),
      },
      shortened: fitted !== label || service.length !== label.length + 1,
      ports: new Map(),
    }
  }

  /** The names of the task whose instance (`hash-tail`) it is. */
  canonical({ label }: SharedNames, instance: string): CanonicalNames {
    const whole = `${label}-${instance}`
    const fitted = fitLabels(whole)
    return {
      task: fitted + this.#ends.task,
      agent: fitted + this.#ends.agent,
      shortened: fitted !== whole,
    }
  }

  /** Where a discovery port of a task with these names is listed. */
  discoveryServices(shared: SharedNames, port: DiscoveryPort): DiscoveryServices {
    const key = `${port.protocol}\n${port.name}`
    let services = shared.ports.get(key)
    if (services === undefined) {
      const prefixes = this.#discoveryPrefixes(shared.label, port)
      const agent = prefixes.map((prefix) => prefix + this.#ends.agent)
      services = {
        task: prefixes.map((prefix) => prefix + this.#ends.task),
        agent,
        notForHostPorts: agent.filter((name) => !shared.services.agent.includes(name)),
      }
      if (shared.ports.size >= MAX_PORTS) shared.ports.clear()
      shared.ports.set(key, services)
    }
    return services
  }

  #discoveryPrefixes(label: string, port: DiscoveryPort): string[] {
    const portName = this.#rules.label(port.name)
    return this.#protocols(port.protocol).flatMap((protocol) => {
      const service = fitLabels(`_${label}._${protocol}`)
      return portName === '' ? [service] : [service, fitLabels(`_${portName}.${service}`)]
    })
  }

  /**
   * Without a protocol both are meant. Marathon writes `udp,tcp` for both: Mesos-DNS makes one label
   * of it, which stays, besides one for each.
   */
  #protocols(protocol: string): readonly string[] {
    const whole = this.#rules.label(protocol)
    if (whole === '') return ['tcp', 'udp']
    if (!protocol.includes(',')) return [whole]
    const parts = protocol.split(',').map((part) => this.#rules.label(part))
    return [...new Set([whole, ...parts.filter((part) => part !== '')])]
  }

  #views(prefix: string): Views<string> {
    return { task: prefix + this.#ends.task, agent: prefix + this.#ends.agent }
  }
}

function protocolPair(service: string, end: string): [tcp: string, udp: string] {
  return [`${service}._tcp${end}`, `${service}._udp${end}`]
}
