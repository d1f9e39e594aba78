import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { formatHostPort, type HostPort } from '../../src/net/address.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** What a fake master was asked. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly headers: IncomingMessage['headers']
}

export interface FakeMaster {
  readonly address: HostPort
  /** `127.0.0.1:port`. */
  readonly name: string
  readonly seen: SeenRequest[]
  /** What it answers with; may be changed at any time. */
  handler: Handler
  /** The paths it was asked for, in order. */
  paths(): string[]
  stop(): Promise<void>
}

/** An HTTP(S) server on a free port of 127.0.0.1 that ends with the test. */
export async function startMaster(
  t: TestContext,
  handler: Handler,
  tls?: ServerOptions,
): Promise<FakeMaster> {
  const seen: SeenRequest[] = []
  const onRequest: Handler = (request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, path: url, authorization: headers.authorization, headers })
    master.handler(request, response)
  }
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const stop = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  t.after(stop)
  const paths = () => seen.map(({ path }) => path)
  const master: FakeMaster = { address, name: formatHostPort(address), seen, handler, paths, stop }
  return master
}

/** The state a master with this leader gives; `more` replaces keys of it. */
export function stateOf(leader: HostPort, more: object = {}): object {
  const pid = `master@${formatHostPort(leader)}`
  return { leader: pid, slaves: [], frameworks: [], ...more }
}

export function sendJson(response: ServerResponse, json: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(json))
}

/** Starts a master that leads, or that answers what `state` makes of its address. */
export function startLeader(
  t: TestContext,
  state: (address: HostPort) => unknown = stateOf,
  tls?: ServerOptions,
): Promise<FakeMaster> {
  return startMaster(t, () => {}, tls).then((master) => {
    master.handler = (_, response) => sendJson(response, state(master.address))
    return master
  })
}

/** Answers like a master that does not lead: 307 with a protocol-relative Location. */
export function redirectTo(location: string, status = 307): Handler {
  return (_, response) => response.writeHead(status, { location }).end()
}

/** Answers with a status and a text, as Mesos does for errors. */
export function respond(status: number, text = '', contentType = 'text/plain'): Handler {
  return (_, response) => response.writeHead(status, { 'content-type': contentType }).end(text)
}
