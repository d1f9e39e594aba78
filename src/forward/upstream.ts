import { formatHostPort, type HostPort, parseHostPort } from '../net/address.ts'
import type { ForwardClient } from './client.ts'
import { ForwardConfigError } from './errors.ts'
import { exchange, type Outcome, type Transport } from './exchange.ts'
import type { Message } from './message.ts'
import { tcp } from './tcp.ts'
import { udp } from './udp.ts'

/** A server that other names are asked of. */
export interface Upstream {
  /** `ip:port`, for the log. */
  readonly name: string
  /** Asks it over the client's transport. Never rejects, settles within the timeout. */
  ask(query: Message, transport: ForwardClient['transport'], signal: AbortSignal): Promise<Outcome>
}

export interface UpstreamOptions {
  readonly timeoutMs: number
  /** Cryptographically random, 0..65535. */
  readonly randomId: () => number
}

const TRANSPORTS: Readonly<Record<ForwardClient['transport'], Transport>> = { udp, tcp }

export function createUpstream(address: HostPort, options: UpstreamOptions): Upstream {
  const { timeoutMs, randomId } = options
  return {
    name: formatHostPort(address),
    ask: (query, transport, signal) =>
      exchange(query, randomId(), address, TRANSPORTS[transport], { timeoutMs, signal }),
  }
}

/** Reads `ip:port` as the configuration normalises it; throws ForwardConfigError for anything else. */
export function parseUpstream(text: string): HostPort {
  const address = parseHostPort(text)
  if (address === undefined || address.port === 0) {
    throw new ForwardConfigError(`resolver "${text}" is not ip:port; write it like 192.0.2.1:53`)
  }
  return address
}
