import type { Report } from '../report.ts'
import type { Agent } from './model.ts'
import { describe, isObject, readText } from './narrow.ts'
import { parsePid } from './pid.ts'

/** An element of the `slaves` of `/state`. */
export function decodeAgent(raw: unknown, report: Report): Agent | undefined {
  return isObject(raw) ? readAgent(readText(raw.id), raw.pid, report) : oddAgent(raw, report)
}

/** Something in the list of agents that is no agent at all. */
export function oddAgent(raw: unknown, report: Report): undefined {
  report.add('agent-odd', '', `agent is ${describe(raw)}; left out`)
}

/** An agent of this id and libprocess address; one without either is left out. */
export function readAgent(id: string | undefined, pid: unknown, report: Report): Agent | undefined {
  if (id === undefined || id === '') {
    report.add('agent-odd', '', 'agent without an id; left out')
    return undefined
  }
  const text = readText(pid)
  const address = text === undefined ? undefined : parsePid(text)
  if (address === undefined) {
    const kind = text === '' ? 'agent-without-pid' : 'agent-pid-odd'
    report.add(kind, id, `pid is ${describe(pid)}, not id@host:port; left out with its tasks`)
    return undefined
  }
  return { id, pid: address }
}

/** Collects agents by id; tasks of one that was left out then run on an unknown agent. */
export class AgentCollector {
  readonly agents = new Map<string, Agent>()
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  add(agent: Agent | undefined): void {
    if (agent === undefined) return
    if (this.agents.has(agent.id)) {
      const detail = 'two agents have this id; the last one is used'
      this.#report.add('agent-duplicate', agent.id, detail)
    }
    this.agents.set(agent.id, agent)
  }
}

/** The `slaves` of `/state`. */
export function decodeAgents(list: readonly unknown[], report: Report): ReadonlyMap<string, Agent> {
  const collector = new AgentCollector(report)
  for (const raw of list) collector.add(decodeAgent(raw, report))
  return collector.agents
}
