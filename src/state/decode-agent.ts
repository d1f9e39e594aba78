import type { Report } from '../report.ts'
import type { Agent } from './model.ts'
import { describe, isObject, readText } from './narrow.ts'
import { parsePid } from './pid.ts'

/** Collects agents by id; one without an address is left out, its tasks then run on an unknown agent. */
export class AgentCollector {
  readonly agents = new Map<string, Agent>()
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  add(id: string | undefined, pid: unknown): void {
    if (id === undefined || id === '') {
      this.#report.add('agent-odd', '', 'agent without an id; left out')
    } else {
      this.#addWithId(id, pid)
    }
  }

  /** Something in the list of agents that is no agent at all. */
  addOdd(raw: unknown): void {
    this.#report.add('agent-odd', '', `agent is ${describe(raw)}; left out`)
  }

  #addWithId(id: string, pid: unknown): void {
    const text = readText(pid)
    const address = text === undefined ? undefined : parsePid(text)
    if (address === undefined) {
      const kind = text === '' ? 'agent-without-pid' : 'agent-pid-odd'
      this.#report.add(
        kind,
        id,
        `pid is ${describe(pid)}, not id@host:port; left out with its tasks`,
      )
      return
    }
    if (this.agents.has(id)) {
      this.#report.add('agent-duplicate', id, 'two agents have this id; the last one is used')
    }
    this.agents.set(id, { id, pid: address })
  }
}

/** The `slaves` of `/state`. */
export function decodeAgents(list: readonly unknown[], report: Report): ReadonlyMap<string, Agent> {
  const collector = new AgentCollector(report)
  for (const raw of list) {
    if (isObject(raw)) collector.add(readText(raw.id), raw.pid)
    else collector.addOdd(raw)
  }
  return collector.agents
}
