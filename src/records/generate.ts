import { contributeAgent } from './agents.ts'
import { type ClusterView, viewCluster } from './cluster-view.ts'
import { Contributor } from './contributor.ts'
import { conventionsOf } from './conventions.ts'
import { contributeFramework } from './frameworks.ts'
import type { RecordsInput } from './input.ts'
import { contributeMasters, contributeNameServer } from './masters.ts'
import type { TaskObserver } from './observer.ts'
import { RankedRecords } from './ranked-records.ts'
import type { RecordSet } from './record-set.ts'
import { contributeStaticRecords } from './static.ts'
import { FrameworkTasks } from './tasks.ts'

/**
 * Makes all records of a cluster: the names of Mesos-DNS, reverse names, and the operator's own. The
 * same input always gives the same records; what could not be used as it stands is in `input.report`.
 */
export function generateRecords(input: RecordsInput, observer?: TaskObserver): RecordSet {
  const conventions = conventionsOf(input.config)
  const records = new RankedRecords(input.config, input.report, observer)
  const to = new Contributor(1, conventions, records, records)
  const view = viewCluster(input, conventions)
  for (const framework of view.frameworks) contributeFramework(framework, to)
  for (const agent of view.agents.values()) contributeAgent(agent, to)
  contributeNameServer(view.masters, to)
  contributeMasters(view.masters, to)
  contributeTasks(view, to, records, observer)
  contributeStaticRecords(to)
  return records.finish()
}

function contributeTasks(
  { frameworks, agents }: ClusterView,
  to: Contributor,
  records: RankedRecords,
  observer: TaskObserver | undefined,
): void {
  for (const view of frameworks) {
    observer?.framework(view.framework)
    const tasks = new FrameworkTasks(view, agents, to)
    for (const task of view.framework.tasks) {
      records.task = task
      if (observer !== undefined && tasks.counts(task)) observer.task(task)
      tasks.contribute(task)
    }
  }
  records.task = undefined
}
