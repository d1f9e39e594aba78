import type { Report } from '../../report.ts'
import { AgentCollector } from '../decode-agent.ts'
import type { Agent } from '../model.ts'
import { readWholeList } from '../narrow.ts'
import type { ElementLog } from './element-log.ts'
import { Span } from './span.ts'

/** An agent that the master knows of, but that has not registered again. */
export interface RecoveredAgent {
  readonly id: string
}

const NOTHING = new Span(0, 0)

/** The elements that were read of a list that a state stands or falls with, or none if it is absent. */
export function spanIn(found: unknown, key: string): Span {
  if (found instanceof Span) return found
  readWholeList(found, key)
  return NOTHING
}

/** The agents by id. */
export function collectAgents(
  span: Span,
  log: ElementLog<Agent>,
  report: Report,
): ReadonlyMap<string, Agent> {
  const collector = new AgentCollector(report)
  log.forEach(span, (agent, problems) => {
    report.problems.push(...problems)
    collector.add(agent)
  })
  return collector.agents
}

/** The ids of recovered agents. These only make us more careful, so whatever is odd among them is ignored. */
export function collectRecovered(
  found: unknown,
  log: ElementLog<RecoveredAgent>,
): ReadonlySet<string> {
  const ids = new Set<string>()
  if (found instanceof Span) log.forEach(found, (agent) => agent && ids.add(agent.id))
  return ids
}
