import type { Report } from '../../report.ts'
import { decodeLeader, noState, notAnObject } from '../decode.ts'
import { decodeFrameworkInfo, oddFramework, readTasks } from '../decode-framework.ts'
import type { Agent, ClusterState, Framework, Task } from '../model.ts'
import { isObject, readText, readWholeList } from '../narrow.ts'
import { collectAgents, spanIn } from './collect.ts'
import type { ElementLog } from './element-log.ts'
import { TOO_LARGE } from './layout.ts'
import { sameValue } from './same-value.ts'
import { Span } from './span.ts'

/** All that was read of a `/state`. */
export interface ReadDocument {
  readonly outline: unknown
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
  if (!isObject(outline)) throw notAnObject(outline)
  if (!('leader' in outline || 'slaves' in outline || 'frameworks' in outline)) throw noState()
  const slaves = spanIn(outline.slaves, 'slaves')
  const found = readWholeList(outline.frameworks, 'frameworks')
  const frameworks = assembleFrameworks(found, tasks, last?.frameworks, report)
  const leader = sameOr(last?.leader, decodeLeader(outline.leader, report))
  const byId = assembleAgents(slaves, agents, last?.agents, report)
  const isSame = last?.leader === leader && last?.agents === byId && last?.frameworks === frameworks
  return last !== undefined && isSame ? last : { leader, agents: byId, frameworks }
}

function assembleFrameworks(
  found: readonly unknown[],
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
  found: unknown,
  log: ElementLog<Task>,
  report: Report,
): Framework | undefined {
  if (found === TOO_LARGE) {
    report.add('framework-odd', '', 'framework is too large; left out with its tasks')
    return undefined
  }
  if (!isObject(found)) return oddFramework(found, report)
  const info = decodeFrameworkInfo(found, readText(found.id), report)
  if (info === undefined) return undefined
  const tasks: Task[] = []
  if (found.tasks instanceof Span) {
    log.forEach(found.tasks, (task, problems) => {
      if (task !== undefined) tasks.push(task)
      // Tasks are decoded before it is sure whose they are.
      for (const { kind, object, detail } of problems) report.add(kind, info.id + object, detail)
    })
  } else {
    readTasks(found.tasks, info.id, report)
  }
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
  span: Span,
  log: ElementLog<Agent>,
  last: ReadonlyMap<string, Agent> | undefined,
  report: Report,
): ReadonlyMap<string, Agent> {
  const agents = collectAgents(span, log, report)
  return last !== undefined && sameItems([...last.values()], [...agents.values()]) ? last : agents
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** `before` if it says the same as `now`. */
function sameOr<T>(before: T | undefined, now: T): T {
  return before !== undefined && sameValue(before, now) ? before : now
}
