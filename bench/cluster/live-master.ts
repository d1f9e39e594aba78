// A process of its own with a simulated cluster that can be told to change; `live-cluster.ts` starts it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import {
  largeCluster,
  type MasterServer,
  type SimulatedCluster,
  type SimulatedFramework,
  type SimulatedTask,
  serveMaster,
} from '../../src/demo/index.ts'
import { obeyParent } from './child.ts'
import { type Fetch, type LiveCommand, type LiveReply, monotonicNow } from './live-cluster.ts'

const PAUSE_MS = 10
/** Tasks that are started in one turn. */
const SLICE = 10

class LiveMaster {
  readonly #cluster: SimulatedCluster
  readonly #marathon: SimulatedFramework
  readonly #launched = new Map<string, SimulatedTask>()
  #server: MasterServer | undefined
  /** Of states; without an end while they are being sent. */
  #fetches: { readonly begun: number; ended?: number }[] = []

  constructor(tasks: number) {
    this.#cluster = largeCluster({ tasks })
    const [marathon] = this.#cluster.frameworks
    if (marathon === undefined) throw new RangeError('a large cluster has frameworks')
    this.#marathon = marathon
  }

  async listen(): Promise<number> {
    const onRequest = (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === 'GET') this.#note(response)
    }
    this.#server = await serveMaster(this.#cluster, { onRequest })
    return this.#server.address.port
  }

  #note(response: ServerResponse): void {
    const fetch: { begun: number; ended?: number } = { begun: monotonicNow() }
    this.#fetches.push(fetch)
    response.once('close', () => {
      fetch.ended = monotonicNow()
    })
  }

  async subscribed(): Promise<void> {
    while (this.#server?.streams.size === 0) await sleep(PAUSE_MS)
  }

  /** Events leave while others are still being made, as from a master. */
  async launch(apps: readonly string[]): Promise<readonly number[]> {
    const at: number[] = []
    for (const name of apps) {
      at.push(monotonicNow())
      const task = this.#cluster.launch(this.#marathon, { name, network: 'container' })
      this.#launched.set(name, task)
      if (at.length % SLICE === 0) await turn()
    }
    return at
  }

  kill(apps: readonly string[]): void {
    for (const name of apps) {
      const task = this.#launched.get(name)
      if (task !== undefined) this.#cluster.kill(task)
      this.#launched.delete(name)
    }
  }

  fetches(): readonly Fetch[] {
    const now = monotonicNow()
    const fetches = this.#fetches.map(({ begun, ended = now }) => ({ begun, ended }))
    this.#fetches = this.#fetches.filter(({ ended }) => ended === undefined)
    return fetches
  }
}

let master: LiveMaster | undefined

obeyParent(async (command: LiveCommand): Promise<LiveReply> => {
  if (command.do === 'serve') {
    master = new LiveMaster(command.tasks)
    return { port: await master.listen() }
  }
  if (master === undefined) throw new Error('no cluster is served')
  switch (command.do) {
    case 'subscribed':
      await master.subscribed()
      return {}
    case 'launch':
      return { at: await master.launch(command.apps) }
    case 'kill':
      master.kill(command.apps)
      return {}
    case 'fetches':
      return { fetches: master.fetches() }
  }
})
