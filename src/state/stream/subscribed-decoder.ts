import { Report } from '../../report.ts'
import type { FrameworkInfo } from '../decode-framework.ts'
import { TaskJoiner, type V1List, v1ListIn, v1StateIn } from '../decode-v1.ts'
import type { FullState } from '../full-state.ts'
import type { Agent, ClusterState } from '../model.ts'
import { isObject, type JsonObject } from '../narrow.ts'
import { collectAgents, collectRecovered, type RecoveredAgent, spanIn } from './collect.ts'
import { ElementLog } from './element-log.ts'
import { type ElementKind, ElementReader } from './element-reader.ts'
import { type V1Task, v1Kinds } from './kinds.ts'
import { elements, object } from './layout.ts'
import { OctetHash } from './octet-hash.ts'
import type { StateDecoderOptions } from './state-decoder.ts'
import { MAX_VALUE, StreamedDocument } from './streamed-document.ts'
import { StringPool } from './string-pool.ts'

/** Decodes the records that event streams begin with, each as it streams in. */
export interface SubscribedDecoder {
  /** A reader for the next record. One that does not come to its end is simply left. */
  begin(): SubscribedReader
}

export interface SubscribedReader {
  /** Size of the record so far. */
  readonly bytes: number
  /** Takes the next octets, cut off anywhere. They may be reused afterwards. */
  push(octets: Uint8Array): void
  /**
   * The state, after the last octet, as decodeV1State has it. Throws StateFormatError if the record is no JSON, or
   * carries no state.
   */
  finish(): Subscribed
}

export interface Subscribed {
  readonly full: FullState
  /** How often the master promises to send something. */
  readonly heartbeatSeconds: number | undefined
}

/** The lists of a v1 state, as they are read. */
interface Readers {
  readonly agents: ElementReader<Agent>
  readonly recovered: ElementReader<RecoveredAgent>
  readonly frameworks: ElementReader<FrameworkInfo>
  readonly tasks: ElementReader<V1Task>
}

/**
 * A decoder of `SUBSCRIBED`, or of the answer to `GET_STATE`. Whoever takes the states compares them with what is known;
 * here nothing is remembered but strings.
 */
export function createSubscribedDecoder(options: StateDecoderOptions = {}): SubscribedDecoder {
  const { maxValue = MAX_VALUE } = options
  const kinds = v1Kinds(new StringPool(), maxValue)
  return {
    begin() {
      const hash = new OctetHash(0, 0)
      const reader = <T extends { readonly id: string }>(kind: ElementKind<T>) =>
        new ElementReader(kind, new ElementLog<T>(), hash)
      const readers: Readers = {
        agents: reader(kinds.agent),
        recovered: reader(kinds.recovered),
        frameworks: reader(kinds.framework),
        tasks: reader(kinds.task),
      }
      const document = new StreamedDocument(layoutOf(readers), maxValue)
      return {
        get bytes() {
          return document.bytes
        },
        push: (octets) => document.push(octets),
        finish() {
          const outline = document.end('sent a first record')
          return {
            full: assemble(v1StateIn(outline), readers),
            heartbeatSeconds: heartbeatOf(outline),
          }
        },
      }
    },
  }
}

/** What counts in a record, and in the answers to GET_STATE. */
function layoutOf({ agents, recovered, frameworks, tasks }: Readers) {
  const state = {
    get_tasks: object({ tasks: elements(tasks) }),
    get_frameworks: object({ frameworks: elements(frameworks) }),
    get_agents: object({ agents: elements(agents), recovered_agents: elements(recovered) }),
  }
  const withState = { ...state, get_state: object(state) }
  return object({
    ...withState,
    subscribed: object({ ...withState, heartbeat_interval_seconds: 'value' }),
  })
}

function assemble(found: JsonObject, { agents, recovered, frameworks, tasks }: Readers): FullState {
  const report = new Report()
  const span = (name: V1List) => spanIn(v1ListIn(found, name), `get_${name}.${name}`)
  const lists = { agents: span('agents'), frameworks: span('frameworks'), tasks: span('tasks') }
  const byId = collectAgents(lists.agents, agents.log, report)
  const joiner = new TaskJoiner(report)
  frameworks.log.forEach(lists.frameworks, (info, problems) => {
    report.problems.push(...problems)
    joiner.addFramework(info)
  })
  tasks.log.forEach(lists.tasks, (item, problems) => {
    report.problems.push(...problems)
    if (item !== undefined) joiner.addTask(item.frameworkId, item.task)
  })
  const state: ClusterState = { leader: undefined, agents: byId, frameworks: joiner.frameworks }
  const { recovered_agents: others } = isObject(found.get_agents) ? found.get_agents : {}
  const recoveredAgents = collectRecovered(others, recovered.log)
  return { state, report, form: 'v1', masterId: undefined, recoveredAgents }
}

function heartbeatOf(outline: unknown): number | undefined {
  const subscribed = isObject(outline) ? outline.subscribed : undefined
  const seconds = isObject(subscribed) ? subscribed.heartbeat_interval_seconds : undefined
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined
}
