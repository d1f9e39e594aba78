import { z } from 'zod'
import { formatHostPort, isIp, parseHostPort } from '../../net/address.ts'
import { Fault } from '../issue.ts'
import { parseNetwork } from '../networks.ts'
import { converted, seconds, setting } from '../setting.ts'

const DNS_PORT = 53
const RESOLVER_FIX =
  'write an IP address with or without a port, such as 9.9.9.9 or [2620:fe::fe]:53'
/** What Mesos-DNS makes of `timeout: 0`. */
const DEFAULT_TIMEOUT = 5

/** Not reachable from the Internet: RFC 1122, 1918, 6598, 4193, 3927, 4291. */
const LOCAL_NETWORKS = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  '169.254.0.0/16',
  'fe80::/10',
]

/** `ip:port` of an upstream in its one text form, port 53 unless it says otherwise. */
export function resolverAddress(text: string): string | Fault {
  const address = parseHostPort(text, DNS_PORT)
  if (address === undefined || address.port === 0) {
    return new Fault('is not an address with a port in 1..65535', RESOLVER_FIX)
  }
  if (isIp(address.host)) return formatHostPort(address)
  return new Fault('is not an IP address', `host names cannot be used here; ${RESOLVER_FIX}`)
}

const network = converted(
  z.string(),
  (text) =>
    parseNetwork(text) ??
    new Fault('is not a network', 'write it like 10.0.0.0/8 or fd00::/8, or a single address'),
)

/** Every name that is not ours. */
export const forward = {
  externalOn: setting({
    key: 'externalon',
    publicName: 'ExternalOn',
    schema: z.boolean(),
    default: true,
    doc: 'Looks names outside the domain up for clients; `false` refuses them.',
  }),
  resolvers: setting({
    key: 'resolvers',
    schema: z.array(z.string()),
    default: ['8.8.8.8'],
    doc: 'Servers that are asked, as `IP` or `IP:port`. An empty list means those of /etc/resolv.conf.',
  }),
  zoneResolvers: setting({
    key: 'zoneResolvers',
    schema: z.record(z.string(), z.array(z.string())),
    default: {},
    example: { 'corp.example': ['10.0.0.53'] },
    doc: 'Other servers for some zones. No zone may lie in another one or in `domain`, nor contain it.',
  }),
  timeout: setting({
    key: 'timeout',
    schema: converted(seconds(0), (value) => (value === 0 ? DEFAULT_TIMEOUT : value)),
    default: DEFAULT_TIMEOUT,
    doc: 'Seconds that one server may take to answer; 0 is 5.',
  }),
  allowRecursion: setting({
    key: 'allowRecursion',
    schema: z.array(network),
    default: LOCAL_NETWORKS,
    doc: 'Networks (`10.0.0.0/8`, or one address) whose clients may ask for names outside the domain; others are refused.',
  }),
}
