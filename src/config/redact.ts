import { parseHostPort } from '../net/address.ts'
import { redactUserinfo } from './redact-url.ts'
import { type Config, type Field, settingEntries, settings } from './schema.ts'

const MASK = '***'
const DNS_PORT = 53

/** `zk` with its user and password masked. */
export const redactZk = redactUserinfo

/** Keys of Mesos-DNS and its fork in the order in which they show them (that of the fork's v0.10). */
const PUBLISHED: readonly (Field | 'soaSerial' | 'file')[] = [
  'refreshSeconds',
  'port',
  'timeout',
  'stateTimeoutSeconds',
  'zkDetectionTimeout',
  'httpPort',
  'ttl',
  'srvRecordDefaultWeight',
  'soaSerial',
  'soaRefresh',
  'soaRetry',
  'soaExpire',
  'soaMinttl',
  'soaMname',
  'soaRname',
  'masters',
  'zoneResolvers',
  'resolvers',
  'ipSources',
  'zk',
  'domain',
  'file',
  'listener',
  'httpListener',
  'recurseOn',
  'dnsOn',
  'reverseDnsOn',
  'httpOn',
  'externalOn',
  'enforceRfc952',
  'setTruncateBit',
  'enumerationOn',
  'mesosHttpsOn',
  'caCertFile',
  'certFile',
  'keyFile',
  'mesosCredentials',
  'iamConfigFile',
  'resolvSubnetFirst',
  'mesosAuthentication',
]

/**
 * The body of `GET /v1/config`: the keys of Mesos-DNS in its order, then ours, secrets masked. As in
 * Mesos-DNS, no masters at all is null, and upstreams on port 53 show no port.
 */
export function publicConfig(config: Config, soaSerial = 0): Record<string, unknown> {
  const ours = settingEntries.map(([field]) => field).filter((field) => !PUBLISHED.includes(field))
  const { principal, secret } = config.mesosCredentials
  const mask = (text: string) => (text === '' ? '' : MASK)
  const shown: Record<string, unknown> = {
    ...config,
    soaSerial,
    masters: config.masters.length === 0 ? null : config.masters,
    // Mesos-DNS has one, a string.
    listener: config.listener.length === 1 ? config.listener[0] : config.listener,
    resolvers: config.resolvers.map(withoutDefaultPort),
    zoneResolvers: Object.fromEntries(
      Object.entries(config.zoneResolvers).map(([zone, servers]) => [
        zone,
        servers.map(withoutDefaultPort),
      ]),
    ),
    zk: redactZk(config.zk),
    mesosCredentials: { Principal: principal, Secret: mask(secret) },
    cookieSecret: mask(config.cookieSecret),
  }
  return Object.fromEntries([...PUBLISHED, ...ours].map((field) => [nameOf(field), shown[field]]))
}

function nameOf(field: Field | 'soaSerial' | 'file'): string {
  if (field === 'soaSerial') return 'SOASerial'
  return field === 'file' ? 'File' : settings[field].publicName
}

function withoutDefaultPort(server: string): string {
  const address = parseHostPort(server)
  return address?.port === DNS_PORT ? address.host : server
}
