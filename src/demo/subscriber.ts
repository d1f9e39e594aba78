import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultScript } from './fault-script.ts'
import { frameRecord } from './record-io.ts'
import { lengthOf } from './render.ts'
import { JSON_TYPE } from './reply.ts'
import type { StreamFault } from './stream-faults.ts'

export type RecordKind = 'subscribed' | 'event' | 'heartbeat'

/**
 * One stream of records to one client. Each record is one chunk of the body, however large, unless a fault cuts it
 * otherwise; records leave in the order they were given.
 */
export class Subscriber {
  readonly #response: ServerResponse
  readonly #faults: FaultScript<StreamFault>
  #last: Promise<void> = Promise.resolve()
  #events = 0
  #isOver = false

  constructor(response: ServerResponse, faults: FaultScript<StreamFault>) {
    this.#response = response
    this.#faults = faults
    response.once('close', () => {
      this.#isOver = true
    })
    response.writeHead(200, { 'Transfer-Encoding': 'chunked', ...JSON_TYPE })
    response.flushHeaders()
  }

  /** The client went away, or the stream was ended. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Sends a record, or what the next fault makes of it; one that is still being made is waited for. */
  send(kind: RecordKind, record: readonly Buffer[] | Promise<readonly Buffer[]>): void {
    if (kind === 'event') this.#events++
    const fault = this.#faults.take()
    const isLost = fault?.kind === 'drop' && this.#isDropped(kind, fault.every)
    if (isLost || fault?.kind === 'silence') return
    this.#last = this.#last.then(async () => {
      const octets = await record
      if (!this.#isOver) await this.#write(octets, fault)
    })
  }

  /** Ends it as a master with too many subscribers does: with the last chunk, and the connection stays. */
  end(): void {
    this.#isOver = true
    this.#response.end()
  }

  /** Closes the connection, as when the master dies. */
  cut(): void {
    this.#isOver = true
    this.#response.destroy()
  }

  async #write(record: readonly Buffer[], fault: StreamFault | undefined): Promise<void> {
    switch (fault?.kind) {
      case 'delay':
        await sleep(fault.ms, undefined, { ref: false })
        if (!this.#isOver) this.#chunk(frameRecord(record))
        return
      case 'cut': {
        const octets = Buffer.concat(frameRecord(record))
        this.#chunk([octets.subarray(0, fault.octets ?? octets.length / 2)])
        this.cut()
        return
      }
      case 'garbage':
        this.#chunk([Buffer.from(fault.octets)])
        return
      case 'text':
        this.#chunk(frameRecord([Buffer.from(fault.text)]))
        return
      case 'length':
        this.#chunk(frameRecord(record, lengthOf(record) + fault.by))
        return
      case 'recut':
        await this.#recut(Buffer.concat(frameRecord(record)), fault.octets, fault.everyMs)
        return
      default:
        this.#chunk(frameRecord(record))
    }
  }

  #isDropped(kind: RecordKind, every: number | undefined): boolean {
    return every === undefined || (kind === 'event' && this.#events % every === 0)
  }

  async #recut(octets: Buffer, size: number, everyMs: number | undefined): Promise<void> {
    for (let at = 0; at < octets.length && !this.#isOver; at += size) {
      this.#chunk([octets.subarray(at, at + size)])
      if (everyMs !== undefined) await sleep(everyMs, undefined, { ref: false })
    }
  }

  /** Past the response, which would make a chunk of each piece. */
  #chunk(pieces: readonly Buffer[]): void {
    const { socket } = this.#response
    const length = lengthOf(pieces)
    if (socket === null || length === 0) return
    socket.cork()
    socket.write(`${length.toString(16)}\r\n`)
    for (const piece of pieces) socket.write(piece)
    socket.write('\r\n')
    socket.uncork()
  }
}
