import { dnsmasq } from './dnsmasq.ts'
import { floor } from './floor.ts'
import { knot } from './knot.ts'
import { mesosNsBatch, mesosNsDgram } from './mesos-ns.ts'
import { nsd } from './nsd.ts'
import type { ServerKind } from './server.ts'
import { unbound } from './unbound.ts'

export { type MesosNsSettings, mesosNsConfig, startMesosNs } from './mesos-ns.ts'
export type { RunningServer, ServerContext, ServerKind } from './server.ts'

/** Every server that is measured, in the order of the tables. */
export const SERVERS: readonly ServerKind[] = [
  floor,
  mesosNsBatch,
  mesosNsDgram,
  nsd,
  knot,
  unbound,
  dnsmasq,
]
