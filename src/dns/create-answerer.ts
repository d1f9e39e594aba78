import { randomFillSync } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from '../config/schema.ts'
import type { Freshness } from '../freshness.ts'
import { ownerToWire } from '../zone/owner-name.ts'
import { Answerer } from './answer.ts'
import { chaosTexts } from './chaos.ts'
import { Cookies } from './cookies.ts'
import { xoshiro128 } from './ordering.ts'

/** NSID and server id that mean the host's name. */
const AUTO = 'auto'

/**
 * An answerer for a configuration, without any sockets and without a zone, whose names count as fresh unless
 * `freshness` says otherwise. The secret of its cookies, 16
 * octets, has to be the same in all threads: a client's next query may reach another one.
 *
 * @throws RangeError if the configured domain is no name
 */
export function createAnswerer(
  config: Config,
  version: string,
  cookieSecret: Uint8Array,
  freshness?: Freshness,
): Answerer {
  const apex = ownerToWire(`${config.domain}.`)
  if (apex === undefined) throw new RangeError(`domain ${config.domain} has no wire form`)
  const id = config.nsid === AUTO ? hostname() : config.nsid
  return new Answerer(
    {
      ...config,
      apex,
      edns: { payload: config.ednsBufferSize, nsid: new TextEncoder().encode(id).slice(0, 128) },
      keepalive: Math.min(config.tcpIdleTimeout * 10, 0xffff),
      chaos: config.chaosOn ? chaosTexts(`mesos-ns ${version}`, id || hostname()) : undefined,
      cookies: config.cookies ? new Cookies(cookieSecret, unixTime) : undefined,
    },
    xoshiro128(randomFillSync(new Uint32Array(4))),
    freshness,
  )
}

function unixTime(): number {
  return Math.floor(Date.now() / 1000)
}
