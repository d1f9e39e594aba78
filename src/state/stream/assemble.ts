import type { HostPort } from '../../net/address.ts'
import type { Problem, Report } from '../../report.ts'
import { decodeLeader, noState, notAnObject } from '../decode.ts'
import { AgentCollector } from '../decode-agent.ts'
import { decodeFrameworkInfo, oddFramework, readTasks } from '../decode-framework.ts'
import type { Agent, ClusterState, Framework, Task } from '../model.ts'
import { readText, readWholeList } from '../narrow.ts'
import { parsePid } from '../pid.ts'
import type { ElementLog } from './element-log.ts'
import type { FoundFramework, Outline, Span } from './outline.ts'
import { sameValue } from './same-value.ts'

/** All that was read of a document. */
export interface ReadDocument {
  readonly outline: Outline
  readonly agents: ElementLog<Agent>
  readonly tasks: ElementLog<Task>
}

/**
 * Puts a cluster's state together, with the report that decodeState would give. Every part that is as it was in
 * `last` is the same object as there, up to the state as a whole. Throws StateFormatError if this is no state.
 */
export function assembleState(
  { outline, agents, tasks }: ReadDocument,
  last: ClusterState | undefined,
  report: Report,
): ClusterState {
  const { other, members } = outline
  if (other !== undefined) throw notAnObject(other.json)
  if (!['leader', 'slaves', 'frameworks'].some((key) => members.has(key))) throw noState()
  readWholeList(members.get('slaves'), 'slaves')
  readWholeList(members.get('frameworks'), 'frameworks')
  const frameworks = assembleFrameworks(outline.frameworks, tasks, last?.frameworks, report)
  const leader = sameOr(last?.leader, decodeLeader(members.get('leader'), report))
  const byId = assembleAgents(outline.agents, agents, last?.agents, report)
  const isSame = last?.leader === leader && last?.agents === byId && last?.frameworks === frameworks
  return last !== undefined && isSame ? last : { leader, agents: byId, frameworks }
}

/** The `pid` of the master that sent the document. */
export function senderOf({ members }: Outline): HostPort | undefined {
  const pid = members.get('pid')
  return typeof pid === 'string' ? parsePid(pid) : undefined
}

function assembleFrameworks(
  found: readonly FoundFramework[],
  tasks: ElementLog<Task>,
  last: readonly Framework[] | undefined,
  report: Report,
): readonly Framework[] {
  const before = new Map(last?.map((framework) => [framework.id, framework]))
  const frameworks: Framework[] = []
  for (const item of found) {
    const framework = assembleFramework(item, tasks, report)
    if (framework !== undefined) frameworks.push(reuse(before.get(framework.id), framework))
  }
  return last !== undefined && sameItems(last, frameworks) ? last : frameworks
}

function assembleFramework(
  found: FoundFramework,
  log: ElementLog<Task>,
  report: Report,
): Framework | undefined {
  if ('tooLarge' in found) {
    report.add('framework-odd', '', 'framework is too large; left out with its tasks')
    return undefined
  }
  if ('odd' in found) return oddFramework(found.odd, report)
  const { members, tasks: span } = found
  const info = decodeFrameworkInfo(members, readText(members.id), report)
  if (info === undefined) return undefined
  if (span === undefined) readTasks(members.tasks, info.id, report)
  const tasks: Task[] = []
  forEachElement(log, span, (task, problems) => {
    if (task !== undefined) tasks.push(task)
    // Tasks are decoded before it is sure whose they are.
    for (const { kind, object, detail } of problems) report.add(kind, info.id + object, detail)
  })
  return { ...info, tasks }
}

/** The framework as it was before, if it is still so; else at least its list of tasks, if that is. */
function reuse(before: Framework | undefined, framework: Framework): Framework {
  if (before === undefined) return framework
  if (!sameItems(before.tasks, framework.tasks)) return framework
  const same = { ...framework, tasks: before.tasks }
  return sameOr(before, same)
}

function assembleAgents(
  span: Span | undefined,
  log: ElementLog<Agent>,
  last: ReadonlyMap<string, Agent> | undefined,
  report: Report,
): ReadonlyMap<string, Agent> {
  const collector = new AgentCollector(report)
  forEachElement(log, span, (agent, problems) => {
    report.problems.push(...problems)
    collector.add(agent)
  })
  const { agents } = collector
  return last !== undefined && sameItems([...last.values()], [...agents.values()]) ? last : agents
}

function forEachElement<T>(
  log: ElementLog<T>,
  span: Span | undefined,
  visit: (value: T | undefined, problems: readonly Problem[]) => void,
): void {
  const { from, to } = span ?? { from: 0, to: 0 }
  for (let position = from; position < to; position++) {
    visit(log.values[position], log.problemsOf(position))
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** `before` if it says the same as `now`. */
function sameOr<T>(before: T | undefined, now: T): T {
  return before !== undefined && sameValue(before, now) ? before : now
}
