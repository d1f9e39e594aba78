import type { TestContext } from 'node:test'
import { type FakeMaster, type Handler, sendJson, startMaster, stateOf } from './fake-master.ts'
import { Subscribers, stateWith, subscribed } from './stream/fake-stream.ts'

/** A leading master with a state and an event stream, both of which a test may change. */
export interface FakeCluster {
  readonly master: FakeMaster
  readonly subscribers: Subscribers
  /** What `/state` tells. */
  tasks: readonly string[]
  /** More of `/state`, or instead of it. */
  more: object
  id: string
  /** Answers instead, if set. */
  onState: Handler | undefined
  onSubscribe: Handler | undefined
  /** Fetches of the state so far. */
  readonly polls: number
}

export async function startCluster(
  t: TestContext,
  tasks: readonly string[] = [],
): Promise<FakeCluster> {
  const subscribers = new Subscribers()
  subscribers.greeting = [subscribed(tasks)]
  const master = await startMaster(t, (request, response) => {
    if (request.url === '/api/v1' || request.url === '/master/api/v1') {
      const handler = cluster.onSubscribe ?? subscribers.handler
      handler(request, response)
    } else if (cluster.onState !== undefined) {
      cluster.onState(request, response)
    } else {
      const { id, more } = cluster
      sendJson(response, stateOf(master.address, { id, ...stateWith(cluster.tasks), ...more }))
    }
  })
  const cluster: FakeCluster = {
    master,
    subscribers,
    tasks,
    more: {},
    id: 'master-1',
    onState: undefined,
    onSubscribe: undefined,
    get polls() {
      return master.paths().filter((path) => path.endsWith('state')).length
    },
  }
  return cluster
}
