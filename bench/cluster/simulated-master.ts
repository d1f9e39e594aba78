// A process of its own that answers `GET /state` as a leading master: what it costs to make and to send a
// state is not to be seen in the server that fetches it. `master.ts` starts it and says when it answers.
import { createReadStream } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { obeyParent } from './child.ts'
import { fullState } from './full-state.ts'
import { leanState } from './lean-state.ts'
import type { Flow, MasterCommand, MasterReply, Share } from './master.ts'
import { type StateFile, writeStateFile } from './state-file.ts'

const CHUNK_OCTETS = 256 * 1024

/** Serves one state to one server; a request waits until the state is released. */
class SimulatedMaster {
  readonly #file: StateFile
  #pending: ServerResponse | undefined
  #onRequest: (() => void) | undefined
  #flow: Flow = 'off'
  #sent = 0
  #changes = 0

  constructor(file: StateFile) {
    this.#file = file
  }

  async listen(): Promise<number> {
    const server = createServer((_request, response) => this.#take(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  #take(response: ServerResponse): void {
    this.#pending = response
    response.once('close', () => {
      if (this.#pending === response) this.#pending = undefined
    })
    this.#onRequest?.()
    if (this.#flow !== 'off') void this.#answerAtOnce(this.#flow)
  }

  async #answerAtOnce(flow: Exclude<Flow, 'off'>): Promise<void> {
    if (flow !== 'same') this.replace(flow)
    await this.release()
  }

  /** Resolves when somebody waits for the state. */
  async requested(): Promise<void> {
    while (this.#pending === undefined) {
      await new Promise<void>((resolve) => {
        this.#onRequest = resolve
      })
    }
  }

  /** Sends the state to who waits for it. */
  async release(): Promise<void> {
    await this.requested()
    const response = this.#pending
    if (response === undefined) return
    this.#pending = undefined
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': this.#file.octets,
    })
    await pipeline(
      createReadStream(this.#file.path, { highWaterMark: CHUNK_OCTETS }),
      response,
    ).then(
      () => this.#sent++,
      // It went away: then it is being stopped.
      () => {},
    )
  }

  /** How requests are answered from now on; returns how many were since the last call. */
  flow(flow: Flow): number {
    this.#flow = flow
    if (flow !== 'off' && this.#pending !== undefined) void this.#answerAtOnce(flow)
    const sent = this.#sent
    this.#sent = 0
    return sent
  }

  /** Replaces some tasks, others each time; returns how many. */
  replace(share: Share): number {
    const { tasks } = this.#file
    const step = { one: tasks, percent: 100, all: 1 }[share]
    const chosen: number[] = []
    for (let task = (this.#changes++ * 7) % step; task < tasks; task += step) chosen.push(task)
    this.#file.replaceTasks(chosen)
    return chosen.length
  }
}

let master: SimulatedMaster | undefined

async function obey(command: MasterCommand): Promise<MasterReply> {
  if (command.do === 'serve') {
    const { state, path } = command
    const pieces = state.kind === 'lean' ? leanState(state) : fullState(state)
    const file = writeStateFile(path, pieces)
    master = new SimulatedMaster(file)
    return { port: await master.listen(), octets: file.octets, tasks: file.tasks }
  }
  if (master === undefined) throw new Error('no state is served')
  switch (command.do) {
    case 'requested':
      await master.requested()
      return {}
    case 'release':
      await master.release()
      return {}
    case 'replace':
      return { tasks: master.replace(command.share) }
    case 'flow':
      return { sent: master.flow(command.flow) }
  }
}

obeyParent(obey)
