import { randomFillSync } from 'node:crypto'
import type { HostPort } from '../../net/address.ts'
import { Report } from '../../report.ts'
import type { FullState } from '../full-state.ts'
import type { Agent, ClusterState, Task } from '../model.ts'
import { isObject } from '../narrow.ts'
import { parsePid } from '../pid.ts'
import { assembleState } from './assemble.ts'
import { collectRecovered, type RecoveredAgent } from './collect.ts'
import { ElementLog } from './element-log.ts'
import { ElementReader } from './element-reader.ts'
import { stateKinds } from './kinds.ts'
import { elements, list, object } from './layout.ts'
import { OctetHash } from './octet-hash.ts'
import { MAX_VALUE, StreamedDocument } from './streamed-document.ts'
import { StringPool } from './string-pool.ts'

export interface StateDecoderOptions {
  /** Octets of the largest task, agent, or other value; larger ones are left out and reported. */
  readonly maxValue?: number
}

/**
 * Decodes the bodies of `/state` that a cluster gives one after the other, each as it streams in.
 * What is in a body as it was in the last one that was kept is not decoded again: its tasks and agents,
 * and what is made of them, are the same objects.
 */
export interface StateDecoder {
  /** A reader for the next body. One that does not come to its end is simply left. */
  begin(): StateReader
}

export interface StateReader {
  /** Size of the body so far. */
  readonly bytes: number
  /** Takes the next octets, cut off anywhere. They may be reused afterwards. */
  push(octets: Uint8Array): void
  /**
   * The state, after the last octet. Throws StateFormatError if the body is no JSON, or no state; its content type
   * is for the message.
   */
  finish(contentType: string): DecodedState
}

export interface DecodedState extends FullState {
  /** The master that sent it, as it says itself. */
  readonly sender: HostPort | undefined
  /** Makes it the one that later bodies are compared with. */
  keep(): void
}

/** What is left of a body for the next one. */
interface Memory {
  readonly state: ClusterState | undefined
  readonly agents: ElementLog<Agent>
  readonly recovered: ElementLog<RecoveredAgent>
  readonly tasks: ElementLog<Task>
}

export function createStateDecoder(options: StateDecoderOptions = {}): StateDecoder {
  const { maxValue = MAX_VALUE } = options
  const kinds = stateKinds(new StringPool(), maxValue)
  const [low = 0, high = 0] = randomFillSync(new Int32Array(2))
  let memory: Memory = {
    state: undefined,
    agents: new ElementLog(),
    recovered: new ElementLog(),
    tasks: new ElementLog(),
  }
  return {
    begin() {
      const last = memory
      const hash = new OctetHash(low, high)
      const readers = {
        agents: new ElementReader(kinds.agent, last.agents, hash),
        recovered: new ElementReader(kinds.recovered, last.recovered, hash),
        tasks: new ElementReader(kinds.task, last.tasks, hash),
      }
      const document = new StreamedDocument(layoutOf(readers), maxValue)
      return {
        get bytes() {
          return document.bytes
        },
        push: (octets) => document.push(octets),
        finish(contentType) {
          const type = contentType === '' ? 'an answer of no content type' : contentType
          const outline = document.end(`answered with ${type}`)
          const report = new Report()
          const agents = readers.agents.log
          const recovered = readers.recovered.log
          const tasks = readers.tasks.log
          const state = assembleState({ outline, agents, tasks }, last.state, report)
          const { id, pid, recovered_slaves: found } = isObject(outline) ? outline : {}
          return {
            state,
            report,
            form: 'state',
            masterId: typeof id === 'string' && id !== '' ? id : undefined,
            recoveredAgents: collectRecovered(found, recovered),
            sender: typeof pid === 'string' ? parsePid(pid) : undefined,
            keep() {
              memory = { state, agents, recovered, tasks }
            },
          }
        },
      }
    },
  }
}

interface Readers {
  readonly agents: ElementReader<Agent>
  readonly recovered: ElementReader<RecoveredAgent>
  readonly tasks: ElementReader<Task>
}

/** What counts in a `/state`. */
function layoutOf({ agents, recovered, tasks }: Readers) {
  const framework = object({
    id: 'value',
    name: 'value',
    pid: 'value',
    hostname: 'value',
    tasks: elements(tasks),
  })
  return object({
    id: 'value',
    leader: 'value',
    pid: 'value',
    slaves: elements(agents),
    recovered_slaves: elements(recovered),
    frameworks: list(framework),
  })
}
