import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { SimulatedCluster } from './cluster.ts'
import { EventStreams, type EventStreamsOptions } from './event-streams.ts'
import { FaultScript } from './fault-script.ts'
import { type Fault, sendFaulty } from './faults.ts'
import { type Asked, callType, MasterApi, type MasterApiOptions } from './master-api.ts'
import type { SimulatedMaster } from './model.ts'
import { JSON_TYPE, type Reply } from './reply.ts'
import { sendReply } from './send-reply.ts'
import { Testimony } from './testimony.ts'

export interface ServeMasterOptions extends MasterApiOptions, EventStreamsOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Which of the cluster's masters this is (default the first). */
  readonly master?: SimulatedMaster
  /** Name that redirects to this master are built from (default: its address). */
  readonly hostname?: string
  /** Serves https instead of http. */
  readonly tls?: TlsOptions
  /** Sees each request before it is answered. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
}

export interface MasterServer {
  readonly master: SimulatedMaster
  readonly address: HostPort
  /** `http://127.0.0.1:5050`, without a slash at the end. */
  readonly url: string
  /** What the next requests meet; SUBSCRIBE only meets the standing one. */
  readonly faults: FaultScript<Fault>
  readonly streams: EventStreams
  readonly testimony: Testimony
  /**
   * Ends the process as a signal would: every connection is closed without a word, and nobody listens any more. Who leads
   * does not change by that; the cluster's `failOver` changes it.
   */
  kill(): Promise<void>
  /** Starts it again, on the same port, as another process with another id. */
  restart(): Promise<void>
  /** Kills it for good. */
  close(): Promise<void>
}

/** Listens as one of the cluster's masters, which learns its address from it. */
export async function serveMaster(
  cluster: SimulatedCluster,
  options: ServeMasterOptions = {},
): Promise<MasterServer> {
  const { host = '127.0.0.1', port = 0, tls } = options
  const master = options.master ?? cluster.masters[0]
  if (master === undefined) throw new RangeError('the cluster has no masters')
  const testimony = new Testimony(cluster)
  const api = new MasterApi(cluster, master, testimony, options)
  const faults = new FaultScript<Fault>()
  const streams = new EventStreams(cluster, master, testimony, options)
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    options.onRequest?.(request, response)
    const body = await bodyOf(request)
    if (body === undefined) return
    const { method = 'GET', url = '/', headers } = request
    const asked: Asked = { method, path: url.split('?', 1)[0] ?? '/', headers, body }
    const answer = await api.answer(asked)
    const fault = isSubscription(asked)
      ? (streams.requestFaults.take() ?? faults.standing)
      : faults.take()
    const send = (right: Reply) => {
      // The client may have gone away by now.
      if (response.destroyed) return
      if (right === SUBSCRIBED) streams.subscribe(response)
      else void sendReply(request, response, right)
    }
    const reply = answer === 'subscribe' ? SUBSCRIBED : answer
    if (fault === undefined) send(reply)
    else sendFaulty(fault, response, reply, send)
  }
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle)
  const address = await listen(server, host, port)
  cluster.bindMaster(master, address, options.hostname ?? host)
  return {
    master,
    address,
    url: `${tls === undefined ? 'http' : 'https'}://${formatHostPort(address)}`,
    faults,
    streams,
    testimony,
    kill: () => stop(server),
    restart: async () => {
      await listen(server, host, address.port)
      cluster.restartMaster(master)
    },
    close: async () => {
      streams.close()
      await stop(server)
    },
  }
}

/** Stands for a stream that begins, where a whole answer would be. */
const SUBSCRIBED: Reply = { status: 200, headers: JSON_TYPE, body: [] }

function isSubscription({ method, path, body }: Asked): boolean {
  return method === 'POST' && path.endsWith('/api/v1') && callType(body) === 'SUBSCRIBE'
}

/** Listens as every master of the cluster, each on a port of its own. */
export async function serveMasters(
  cluster: SimulatedCluster,
  options: Omit<ServeMasterOptions, 'master' | 'port'> = {},
): Promise<readonly MasterServer[]> {
  return Promise.all(cluster.masters.map((master) => serveMaster(cluster, { ...options, master })))
}

async function listen(server: Server, host: string, port: number): Promise<HostPort> {
  server.listen(port, host)
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Undefined if the client went away before it had sent everything. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}
