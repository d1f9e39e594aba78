import { decodeAgent } from '../decode-agent.ts'
import type { FrameworkInfo } from '../decode-framework.ts'
import { decodeTask, stateTask, v1Task } from '../decode-task.ts'
import { decodeV1Agent, decodeV1Framework, v1FrameworkIdOf } from '../decode-v1.ts'
import type { Agent, Task } from '../model.ts'
import { isObject, readV1Id } from '../narrow.ts'
import type { RecoveredAgent } from './collect.ts'
import { Compactor } from './compact.ts'
import type { ElementKind } from './element-reader.ts'
import { PartialParser } from './partial-parser.ts'
import type { StringPool } from './string-pool.ts'
import {
  WANTED_OF_AGENT,
  WANTED_OF_RECOVERED_AGENT,
  WANTED_OF_TASK,
  WANTED_OF_V1_AGENT,
  WANTED_OF_V1_FRAMEWORK,
  WANTED_OF_V1_TASK,
  type Wanted,
} from './wanted.ts'

/** A task that v1 lists, and whose it is. */
export interface V1Task {
  readonly id: string
  readonly frameworkId: string
  readonly task: Task
}

/** The kinds of elements of a `/state`. */
export function stateKinds(strings: StringPool, maxValue: number) {
  const kind = kindsOf(strings, maxValue)
  const compactor = new Compactor()
  const shape = stateTask(compactor.ports)
  return {
    agent: kind<Agent>('agent', WANTED_OF_AGENT, decodeAgent),
    recovered: kind('agent', WANTED_OF_RECOVERED_AGENT, decodeRecovered),
    task: kind<Task>('task', WANTED_OF_TASK, (json, report) => {
      const task = decodeTask(json, '', shape, report)
      return task && compactor.task(task)
    }),
  }
}

/** The kinds of elements of a v1 state. */
export function v1Kinds(strings: StringPool, maxValue: number) {
  const kind = kindsOf(strings, maxValue)
  const compactor = new Compactor()
  const shape = v1Task(compactor.portResources)
  return {
    agent: kind<Agent>('agent', WANTED_OF_V1_AGENT, decodeV1Agent),
    recovered: kind('agent', WANTED_OF_RECOVERED_AGENT, decodeRecovered),
    framework: kind<FrameworkInfo>('framework', WANTED_OF_V1_FRAMEWORK, decodeV1Framework),
    task: kind<V1Task>('task', WANTED_OF_V1_TASK, (json, report) => {
      const frameworkId = v1FrameworkIdOf(json)
      const task = decodeTask(json, frameworkId, shape, report)
      return task && { id: task.id, frameworkId, task: compactor.task(task) }
    }),
  }
}

function kindsOf(strings: StringPool, maxValue: number) {
  return <T extends { readonly id: string }>(
    name: 'agent' | 'framework' | 'task',
    wanted: Wanted,
    decode: ElementKind<T>['decode'],
  ): ElementKind<T> => ({
    parser: new PartialParser(wanted, strings),
    decode,
    tooLarge: { kind: `${name}-odd`, detail: `${name} has more than ${maxValue} bytes; left out` },
  })
}

/** `/state` gives the id as it is, v1 as an object. */
function decodeRecovered(json: unknown): RecoveredAgent | undefined {
  const id = isObject(json) ? readV1Id(json.id) : undefined
  return id === undefined || id === '' ? undefined : { id }
}
