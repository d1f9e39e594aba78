import { z } from 'zod'
import { canonicalIp, isIp } from '../../net/address.ts'
import { Fault } from '../issue.ts'
import { nameProblem } from '../names.ts'
import { converted, distinct, integer, seconds, setting, ttlSeconds, uint16 } from '../setting.ts'

const DOMAIN_FIX = 'use letters, digits and hyphens in labels joined by dots, such as mesos'

/** The same names that Mesos-DNS takes, lower-cased, but for what no DNS message can carry. */
export function domainName(text: string): string | Fault {
  const name = text.toLowerCase()
  if (name === '') return new Fault('is empty', DOMAIN_FIX)
  if (/[^.]\.$/.test(name)) return new Fault('ends with a dot', `write ${name.slice(0, -1)}`)
  const problem = nameProblem(name)
  if (problem !== undefined) return new Fault(problem, DOMAIN_FIX)
  return /^[a-z0-9.-]+$/.test(name) ? name : new Fault('is not a domain name', DOMAIN_FIX)
}

function addressFault(text: string): Fault | undefined {
  if (isIp(text)) return undefined
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? ''
  if (isIp(bare)) return new Fault('has brackets', `write ${bare}`)
  return new Fault(
    'is not an IP address',
    'write an address of this host, 0.0.0.0 for all of them, or 127.0.0.1',
  )
}

const listenAddress = converted(
  z.string(),
  (text) => addressFault(text) ?? canonicalIp(text) ?? text,
)

/** A wildcard takes the port on every address, so that others beside it have none left to listen on. */
function besideWildcard(addresses: string[]): string[] | Fault {
  const wildcard = addresses.find((address) => address === '0.0.0.0' || address === '::')
  if (wildcard === undefined || addresses.length === 1) return addresses
  return new Fault(`has ${wildcard}, which covers every address already`, 'leave the others out')
}

const COOKIE_SECRET = /^[0-9a-f]{32}$/i

/** The 16 octets that make DNS cookies, in hexadecimal; lower-cased. */
export function cookieSecret(text: string): string | Fault {
  if (text === '' || COOKIE_SECRET.test(text)) return text.toLowerCase()
  return new Fault(
    'is not 32 hexadecimal digits',
    'write what "openssl rand -hex 16" prints, or leave it out for a random one',
  )
}

/** The zone and how it is answered. */
export const dns = {
  dnsOn: setting({
    key: 'dnson',
    publicName: 'DnsOn',
    schema: z.boolean(),
    default: true,
    doc: 'Answers DNS queries.',
  }),
  domain: setting({
    key: 'domain',
    schema: converted(z.string(), domainName),
    default: 'mesos',
    doc: 'The zone that all names of the cluster are in, without a dot at its end.',
  }),
  ttl: setting({
    key: 'ttl',
    publicName: 'TTL',
    schema: ttlSeconds,
    default: 60,
    doc: 'Seconds that others may keep an answer.',
  }),
  listener: setting({
    key: 'listener',
    schema: converted(
      z
        .union([listenAddress, z.array(listenAddress).min(1)])
        .transform((given) => (typeof given === 'string' ? [given] : given))
        .superRefine(distinct('address')),
      besideWildcard,
    ),
    default: '0.0.0.0',
    doc: 'Address or addresses that DNS listens on, also the addresses of the name `SOAMname`. `0.0.0.0` is every address, IPv6 included.',
  }),
  port: setting({
    key: 'port',
    schema: uint16,
    default: 53,
    doc: 'Port for DNS, UDP and TCP; 0 lets the system choose.',
  }),
  workers: setting({
    key: 'workers',
    schema: z.union([integer(1, 64), z.literal('auto')]),
    default: 1,
    doc: 'Threads that answer queries, 1 to 64. `"auto"` is one for each processor that the process may run on.',
  }),
  udp: setting({
    key: 'udp',
    schema: z.enum(['auto', 'batch', 'dgram']),
    default: 'auto',
    doc: 'How UDP is received and sent: many messages with one system call (`batch`, on Linux with koffi installed), one by one (`dgram`), or `batch` where that is possible (`auto`). Where it is not, `batch` is an error.',
  }),
  udpReceiveBuffer: setting({
    key: 'udpReceiveBuffer',
    schema: integer(4096, 2 ** 30),
    default: 4 * 2 ** 20,
    doc: 'Octets of queries that the system may keep for each UDP socket while they wait. `net.core.rmem_max` is a limit to it, unless mesos-ns has CAP_NET_ADMIN.',
  }),
  recurseOn: setting({
    key: 'recurseon',
    publicName: 'RecurseOn',
    schema: z.boolean(),
    default: true,
    doc: 'Sets the RA bit on answers for our own names.',
  }),
  ordering: setting({
    key: 'ordering',
    schema: z.enum(['random', 'roundrobin', 'fixed']),
    default: 'random',
    doc: 'Order of the records in an answer: shuffled anew each time, rotated by one each time, or always the same.',
  }),
  maxAnswers: setting({
    key: 'maxAnswers',
    schema: uint16,
    default: 0,
    doc: 'Most records of a set in one answer; 0 is all of them.',
  }),
  setTruncateBit: setting({
    key: 'SetTruncateBit',
    schema: z.boolean(),
    default: true,
    doc: 'Sets TC on answers that had to be cut. `false` only helps clients that cannot ask again over TCP.',
  }),
  ednsBufferSize: setting({
    key: 'ednsBufferSize',
    schema: integer(512, 4096),
    default: 1232,
    doc: 'Octets of the largest UDP answer, whatever the client offers.',
  }),
  resolvSubnetFirst: setting({
    key: 'ResolvSubnetFirst',
    schema: z.boolean(),
    default: false,
    doc: 'Addresses in the client’s own /24 or /64 come first in an answer.',
  }),
  nsid: setting({
    key: 'nsid',
    schema: converted(z.string(), (text) =>
      Buffer.byteLength(text) <= 128
        ? text
        : new Fault('is longer than 128 octets', 'use a short name for this server'),
    ),
    default: 'auto',
    doc: 'What we tell those who ask which server answered (NSID, RFC 5001): a text, `auto` for the host name, or empty for nothing.',
  }),
  chaosOn: setting({
    key: 'chaosOn',
    schema: z.boolean(),
    default: false,
    doc: 'Answers `version.bind`, `id.server` and their like in class CH.',
  }),
  cookies: setting({
    key: 'cookies',
    schema: z.boolean(),
    default: true,
    doc: 'Gives DNS cookies (RFC 7873, RFC 9018) to clients that ask for them.',
  }),
  cookieSecret: setting({
    key: 'cookieSecret',
    schema: converted(z.string(), cookieSecret),
    default: '',
    doc: 'What the cookies are made from, 32 hexadecimal digits; better kept in `cookieSecretFile`. The same on all servers that share an address. Empty for a random one at each start.',
  }),
  cookieSecretFile: setting({
    key: 'cookieSecretFile',
    schema: z.string(),
    default: '',
    example: '/etc/mesos-ns/cookie-secret',
    doc: 'File that holds the `cookieSecret`.',
  }),
  tcpIdleTimeout: setting({
    key: 'tcpIdleTimeout',
    schema: seconds(1),
    default: 10,
    doc: 'Seconds that a TCP connection may be idle.',
  }),
  tcpMaxConnections: setting({
    key: 'tcpMaxConnections',
    schema: integer(1, 65535),
    default: 1000,
    doc: 'Most TCP connections at one time; each of the `workers` takes its share of them.',
  }),
  tcpMaxConnectionsPerClient: setting({
    key: 'tcpMaxConnectionsPerClient',
    schema: integer(1, 65535),
    default: 100,
    doc: 'Most TCP connections at one time from one address, in each of the `workers`.',
  }),
}
