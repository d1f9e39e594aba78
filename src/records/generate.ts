import { addAgents } from './agents.ts'
import { addFrameworks } from './frameworks.ts'
import { Generation } from './generation.ts'
import type { RecordsInput } from './input.ts'
import { addMasters, addNameServer } from './masters.ts'
import type { TaskObserver } from './observer.ts'
import type { RecordSet } from './record-set.ts'
import { addReverse } from './reverse.ts'
import { addStaticRecords } from './static.ts'
import { addTasks } from './tasks.ts'

/**
 * Makes all records of a cluster: the names of Mesos-DNS, reverse names, and the operator's own. The
 * same input always gives the same records; what could not be used as it stands is in `input.report`.
 */
export function generateRecords(input: RecordsInput, observer?: TaskObserver): RecordSet {
  const generation = new Generation(input)
  addFrameworks(generation)
  const agents = addAgents(generation)
  addNameServer(generation)
  addMasters(generation)
  const ownNames = addTasks(generation, agents, observer)
  if (input.config.reverseDnsOn) addReverse(generation, agents, ownNames)
  addStaticRecords(generation)
  return generation.records
}
