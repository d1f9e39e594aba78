import { randomBytes, randomFillSync } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from '../config/schema.ts'
import { createFaultLog } from '../fault-log.ts'
import type { Forwarder } from '../forward/index.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import { bindAt } from '../net/listen.ts'
import { ownerToWire } from '../zone/owner-name.ts'
import type { Zone } from '../zone/zone.ts'
import { Answerer } from './answer.ts'
import { chaosTexts } from './chaos.ts'
import { Cookies } from './cookies.ts'
import { Handler } from './handler.ts'
import { xoshiro128 } from './ordering.ts'
import { TcpListener } from './tcp.ts'
import { bindUdp, type UdpService } from './udp-wildcard.ts'

/** NSID and server id that mean the host's name. */
const AUTO = 'auto'

const UDP = { what: 'DNS over UDP', hostKey: 'listener', portKey: 'port' }
const TCP = { what: 'DNS over TCP', hostKey: 'listener', portKey: 'port' }

/** UDP may get a port that TCP then finds taken; another one usually is free. */
const EPHEMERAL_TRIES = 5

/** The listening DNS server. */
export interface DnsServer {
  /** Where it listens; the port is the real one where 0 was configured. */
  readonly address: HostPort
  /** Answers from this zone from now on. */
  publish(zone: Zone): void
  /** Stops listening, answers what was received, and frees the sockets. Safe to call twice. */
  close(): Promise<void>
}

/** An answerer for a configuration, without any sockets. */
export function createAnswerer(config: Config, version: string): Answerer {
  const apex = ownerToWire(`${config.domain}.`)
  if (apex === undefined) throw new RangeError(`domain ${config.domain} has no wire form`)
  const id = config.nsid === AUTO ? hostname() : config.nsid
  return new Answerer(
    {
      ...config,
      apex,
      edns: { payload: config.ednsBufferSize, nsid: new TextEncoder().encode(id).subarray(0, 128) },
      keepalive: Math.min(config.tcpIdleTimeout * 10, 0xffff),
      chaos: config.chaosOn ? chaosTexts(`mesos-ns ${version}`, id || hostname()) : undefined,
      cookies: config.cookies
        ? new Cookies(cookieSecret(config.cookieSecret), unixTime)
        : undefined,
    },
    xoshiro128(randomFillSync(new Uint32Array(4))),
  )
}

/** Without a configured secret, one that nobody else has: other servers do not know its cookies. */
function cookieSecret(hexadecimal: string): Uint8Array {
  return hexadecimal === '' ? randomBytes(16) : Buffer.from(hexadecimal, 'hex')
}

function unixTime(): number {
  return Math.floor(Date.now() / 1000)
}

/** Binds UDP and TCP on `listener:port`. Rejects with a ListenError. */
export async function listenDns(options: {
  config: Config
  version: string
  log: Logger
  forwarder: Forwarder
  /** Addresses of this host, in canonical form; asked again from time to time. */
  addresses: () => readonly string[]
}): Promise<DnsServer> {
  const { config, version, log, forwarder, addresses } = options
  const answerer = createAnswerer(config, version)
  const onFault = createFaultLog(log, 'dns query could not be answered', Date.now)
  const handler = new Handler(answerer, forwarder, onFault)
  const { udp, tcp, address } = await bindBoth(config, handler, log, addresses)
  let closed: Promise<void> | undefined
  const close = async () => {
    await Promise.all([tcp.close(), forwarder.close()])
    await udp.close()
  }
  return {
    address: { host: address, port: udp.port },
    publish(zone) {
      answerer.zone = zone
    },
    close() {
      closed ??= close()
      return closed
    },
  }
}

interface Bound {
  readonly udp: UdpService
  readonly tcp: TcpListener
  readonly address: string
}

async function bindBoth(
  config: Config,
  handler: Handler,
  log: Logger,
  addresses: () => readonly string[],
): Promise<Bound> {
  const { listener, port } = config
  for (let tries = 1; ; tries++) {
    const { udp, address } = await bindAt(UDP, { host: listener, port }, async (where) => ({
      udp: await bindUdp(where, { handler, log, addresses }),
      address: where.host,
    }))
    try {
      const tcp = await bindAt(TCP, { host: address, port: udp.port }, (where) =>
        TcpListener.bind(where, handler, config, log),
      )
      return { udp, tcp, address }
    } catch (error) {
      await udp.close()
      if (port !== 0 || tries === EPHEMERAL_TRIES) throw error
    }
  }
}
