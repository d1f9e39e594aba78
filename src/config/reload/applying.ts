/** What it takes to put another value of a setting into effect while the server runs: one table for all of them. */
import type { Config, Field } from '../schema.ts'

/**
 * - `source`: the state thread connects to the masters and to ZooKeeper anew;
 * - `guard`: from the next state on, what is kept although it is missing is judged by it;
 * - `zone`: the zone is made anew from the last state;
 * - `answers`: query threads answer by it from the next query on;
 * - `sockets`: other query threads take over, with sockets of their own where an address is new;
 * - `freshness`: the age of the state is judged by it;
 * - `http`: the REST API listens elsewhere;
 * - `control`: whatever looks at it does so each time.
 */
export type Step =
  | 'source'
  | 'guard'
  | 'zone'
  | 'answers'
  | 'sockets'
  | 'freshness'
  | 'http'
  | 'control'

/** Settings of one part of the program, all of which take the same steps. */
const SOURCE = ['source'] as const
const GUARD = ['guard'] as const
const ZONE = ['zone'] as const
const ANSWERS = ['answers'] as const
const SOCKETS = ['sockets'] as const
const HTTP = ['http'] as const
const CONTROL = ['control'] as const

/** A setting without an entry does not compile. */
export const APPLYING = {
  zk: SOURCE,
  masters: SOURCE,
  zkDetectionTimeout: SOURCE,
  zkStrict: SOURCE,
  zkTls: SOURCE,
  // Also what staleAfter is by default.
  refreshSeconds: ['source', 'freshness'],
  stateTimeoutSeconds: SOURCE,
  mesosHttpsOn: SOURCE,
  caCertFile: SOURCE,
  certFile: SOURCE,
  keyFile: SOURCE,
  mesosAuthentication: SOURCE,
  mesosCredentials: SOURCE,
  iamConfigFile: SOURCE,
  updates: SOURCE,
  auditSeconds: SOURCE,
  failoverHoldSeconds: GUARD,
  failoverSettleSeconds: GUARD,
  shrinkThreshold: GUARD,
  shrinkConfirmations: GUARD,
  staleAfter: ['freshness'],
  maxStale: ['freshness'],
  dnsOn: SOCKETS,
  domain: ['zone', 'answers'],
  ttl: ZONE,
  // The addresses of our own name are those that we listen on.
  listener: ['sockets', 'zone'],
  port: SOCKETS,
  workers: SOCKETS,
  udp: SOCKETS,
  udpReceiveBuffer: SOCKETS,
  recurseOn: ANSWERS,
  ordering: ANSWERS,
  maxAnswers: ANSWERS,
  setTruncateBit: ANSWERS,
  ednsBufferSize: ANSWERS,
  resolvSubnetFirst: ANSWERS,
  nsid: ANSWERS,
  chaosOn: ANSWERS,
  cookies: ANSWERS,
  cookieSecret: ANSWERS,
  cookieSecretFile: ANSWERS,
  tcpIdleTimeout: ANSWERS,
  tcpMaxConnections: ANSWERS,
  tcpMaxConnectionsPerClient: ANSWERS,
  soaMname: ZONE,
  soaRname: ZONE,
  soaRefresh: ZONE,
  soaRetry: ZONE,
  soaExpire: ZONE,
  soaMinttl: ZONE,
  ipSources: ZONE,
  enforceRfc952: ZONE,
  srvRecordDefaultWeight: ZONE,
  health: ZONE,
  reverseDnsOn: ZONE,
  staticRecords: ZONE,
  externalOn: ANSWERS,
  resolvers: ANSWERS,
  zoneResolvers: ANSWERS,
  timeout: ANSWERS,
  allowRecursion: ANSWERS,
  httpOn: HTTP,
  httpListener: HTTP,
  httpPort: HTTP,
  enumerationOn: CONTROL,
  watchSeconds: CONTROL,
  compat: ['zone', 'answers'],
} as const satisfies { readonly [F in Field]: readonly Step[] }

/** Settings that take this step. */
export type FieldsOf<S extends Step> = {
  [F in Field]: S extends (typeof APPLYING)[F][number] ? F : never
}[Field]

/** Those of the settings that take this step. */
export function fieldsThatTake(step: Step, fields: readonly Field[]): readonly Field[] {
  return fields.filter((field) => (APPLYING[field] as readonly Step[]).includes(step))
}

/** Whether one of the settings takes this step. */
export function takes(step: Step, fields: readonly Field[]): boolean {
  return fieldsThatTake(step, fields).length > 0
}

/** Paths of files that are read by whoever uses the setting, apart from those that are part of the Config. */
export function namedFiles(field: Field, config: Config): readonly string[] {
  switch (field) {
    case 'caCertFile':
    case 'certFile':
    case 'keyFile':
    case 'iamConfigFile':
      return present(config[field])
    case 'zkTls':
      return present(config.zkTls.caCertFile, config.zkTls.certFile, config.zkTls.keyFile)
    default:
      return []
  }
}

function present(...paths: readonly string[]): string[] {
  return paths.filter((path) => path !== '')
}
