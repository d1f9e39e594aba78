import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { SimulatedCluster } from './cluster.ts'
import { FaultScript, sendFaulty } from './faults.ts'
import { MasterApi, type MasterApiOptions, type Reply } from './master-api.ts'
import type { SimulatedMaster } from './model.ts'

export interface ServeMasterOptions extends MasterApiOptions {
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
  readonly onRequest?: (request: IncomingMessage) => void
}

export interface MasterServer {
  readonly master: SimulatedMaster
  readonly address: HostPort
  /** `http://127.0.0.1:5050`, without a slash at the end. */
  readonly url: string
  readonly faults: FaultScript
  /** Stops listening and cuts every connection. */
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
  const api = new MasterApi(cluster, master, options)
  const faults = new FaultScript()
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    options.onRequest?.(request)
    const body = await bodyOf(request)
    if (body === undefined) return
    const { method = 'GET', url = '/', headers } = request
    const reply = api.answer({ method, path: url.split('?', 1)[0] ?? '/', headers, body })
    const fault = faults.take()
    const send = (right: Reply) => sendReply(request, response, right)
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
    close: () => close(server),
  }
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

async function close(server: Server): Promise<void> {
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

function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const gzip = wantsGzip && reply.body.length > 0 && reply.headers['Content-Encoding'] === undefined
  const plain = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body
  const body = gzip ? compressed(plain) : plain
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
    'Content-Length': body.length,
  })
  response.end(body)
}

const gzipped = new WeakMap<Buffer, Buffer>()

/** Compresses a body once, however often it is asked for. */
function compressed(body: Buffer): Buffer {
  const known = gzipped.get(body)
  if (known !== undefined) return known
  const fresh = gzipSync(body)
  gzipped.set(body, fresh)
  return fresh
}
