import { randomFillSync } from 'node:crypto'
import type { HostPort } from '../../net/address.ts'
import { Report } from '../../report.ts'
import { decodeAgent } from '../decode-agent.ts'
import { decodeTask, stateTask } from '../decode-task.ts'
import { StateFormatError } from '../errors.ts'
import type { Agent, ClusterState, Task } from '../model.ts'
import { assembleState, senderOf } from './assemble.ts'
import { Compactor } from './compact.ts'
import { DocumentReader } from './document-reader.ts'
import { ElementLog } from './element-log.ts'
import { type ElementKind, ElementReader } from './element-reader.ts'
import { OctetHash } from './octet-hash.ts'
import { PartialParser } from './partial-parser.ts'
import { StringPool } from './string-pool.ts'
import { WANTED_OF_AGENT, WANTED_OF_TASK } from './wanted.ts'

/** Many times what a task with all its labels and statuses takes. */
const MAX_VALUE = 16 * 1024 * 1024
/** How much of something that is not JSON is quoted. */
const START_LENGTH = 80

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

export interface DecodedState {
  readonly state: ClusterState
  /** What was odd in it. */
  readonly report: Report
  /** The master that sent it, as it says itself. */
  readonly sender: HostPort | undefined
  /** Makes it the one that later bodies are compared with. */
  keep(): void
}

/** What is left of a body for the next one. */
interface Memory {
  readonly state: ClusterState | undefined
  readonly agents: ElementLog<Agent>
  readonly tasks: ElementLog<Task>
}

export function createStateDecoder(options: StateDecoderOptions = {}): StateDecoder {
  const { maxValue = MAX_VALUE } = options
  const strings = new StringPool()
  const [low = 0, high = 0] = randomFillSync(new Int32Array(2))
  const kinds = { agent: agentKind(strings, maxValue), task: taskKind(strings, maxValue) }
  let memory: Memory = { state: undefined, agents: new ElementLog(), tasks: new ElementLog() }
  return {
    begin() {
      const last = memory
      const hash = new OctetHash(low, high)
      const agents = new ElementReader(kinds.agent, last.agents, hash)
      const tasks = new ElementReader(kinds.task, last.tasks, hash)
      const reader = new DocumentReader({ agents, tasks, maxValue })
      return new StreamedState(reader, (report) => {
        const read = { outline: reader.outline, agents: agents.log, tasks: tasks.log }
        const state = assembleState(read, last.state, report)
        const keep = () => {
          memory = { state, agents: agents.log, tasks: tasks.log }
        }
        return { state, report, sender: senderOf(reader.outline), keep }
      })
    },
  }
}

class StreamedState implements StateReader {
  bytes = 0
  readonly #reader: DocumentReader
  readonly #assemble: (report: Report) => DecodedState
  #start = Buffer.alloc(0)

  constructor(reader: DocumentReader, assemble: (report: Report) => DecodedState) {
    this.#reader = reader
    this.#assemble = assemble
  }

  push(octets: Uint8Array): void {
    this.bytes += octets.length
    if (this.#start.length < START_LENGTH) {
      this.#start = Buffer.concat([this.#start, octets.subarray(0, START_LENGTH)])
    }
    this.#reader.push(octets)
  }

  finish(contentType: string): DecodedState {
    this.#reader.end()
    const { failure } = this.#reader
    if (failure === undefined) return this.#assemble(new Report())
    const type = contentType === '' ? 'an answer of no content type' : contentType
    const start = JSON.stringify(this.#start.toString('utf8', 0, START_LENGTH))
    throw new StateFormatError(
      `answered with ${type} that is not JSON, ${this.bytes} bytes beginning with ${start}: ${failure}`,
    )
  }
}

function agentKind(strings: StringPool, maxValue: number): ElementKind<Agent> {
  return {
    parser: new PartialParser(WANTED_OF_AGENT, strings),
    decode: decodeAgent,
    tooLarge: { kind: 'agent-odd', detail: `agent has more than ${maxValue} bytes; left out` },
  }
}

function taskKind(strings: StringPool, maxValue: number): ElementKind<Task> {
  const compactor = new Compactor()
  const shape = stateTask(compactor.ports)
  return {
    parser: new PartialParser(WANTED_OF_TASK, strings),
    decode(json, report) {
      const task = decodeTask(json, '', shape, report)
      return task === undefined ? undefined : compactor.task(task)
    },
    tooLarge: { kind: 'task-odd', detail: `task has more than ${maxValue} bytes; left out` },
  }
}
