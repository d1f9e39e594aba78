import { z } from 'zod'
import { formatHostPort, isIp, parseHostPort } from '../../net/address.ts'
import { Fault } from '../issue.ts'
import { isHostName } from '../names.ts'
import { converted, distinct, seconds, setting } from '../setting.ts'
import { readZkUrl } from '../zk-url.ts'

/** The default port of a Mesos master, for the advice in errors only: Mesos-DNS demands a port. */
const MASTER_PORT = 5050
const MASTER_FIX = 'write host:port, such as 10.0.0.1:5050 or [2001:db8::1]:5050'

/** `host:port` in its one text form. */
function masterAddress(text: string): string | Fault {
  if (text.includes('://')) {
    return new Fault('is a URL', `${MASTER_FIX}; MesosHTTPSOn chooses https`)
  }
  const address = parseHostPort(text)
  if (address !== undefined && address.port > 0) {
    if (isIp(address.host) || isHostName(address.host)) {
      return formatHostPort({ ...address, host: address.host.toLowerCase() })
    }
    return new Fault('is neither an address nor a host name', MASTER_FIX)
  }
  const withoutPort = parseHostPort(text, MASTER_PORT)
  if (address === undefined && withoutPort !== undefined) {
    return new Fault('has no port', `write ${formatHostPort(withoutPort)}`)
  }
  const port = Number(/^(?:[^:]*|\[.*\]):(-?\d+)$/.exec(text)?.[1])
  return port < 1 || port > 65535
    ? new Fault('has a port outside 1..65535', MASTER_FIX)
    : new Fault('is not host:port', MASTER_FIX)
}

const zkUrl = converted(z.string(), (text) => {
  if (text === 'file://') return new Fault('names no file', 'write file:///path')
  // A file is opened when the configuration is loaded; what it holds is checked then.
  if (text === '' || text.startsWith('file://')) return text
  const url = readZkUrl(text)
  return url instanceof Fault ? url : text
})

/** Where the cluster's state comes from. */
export const masters = {
  zk: setting({
    key: 'zk',
    schema: zkUrl,
    default: '',
    example: 'zk://10.0.0.1:2181,10.0.0.2:2181/mesos',
    doc: 'Finds the leading master: `zk://[user:password@]host[:2181],…/path`, `file:///path` of a file that holds the URL, or `[id@]host:port` of a single master.',
  }),
  masters: setting({
    key: 'masters',
    schema: z.array(converted(z.string(), masterAddress)).superRefine(distinct('master')),
    default: [],
    example: ['10.0.0.1:5050'],
    doc: 'Masters as `host:port`; asked in this order, or only as long as `zk` knows no leader.',
  }),
  zkDetectionTimeout: setting({
    key: 'zkDetectionTimeout',
    schema: converted(seconds(-2_147_483), (value) => Math.max(0, value)),
    default: 30,
    doc: 'Seconds without a leader in ZooKeeper after which this is reported, and after which `zkStrict` ends the process; 0 is never.',
  }),
  zkStrict: setting({
    key: 'zkStrict',
    schema: z.boolean(),
    default: false,
    doc: 'Ends the process, as Mesos-DNS did, when `zkDetectionTimeout` has passed without a leader.',
  }),
  zkTls: setting({
    key: 'zkTLS',
    schema: z.object({
      on: z.boolean().prefault(false).describe('Speaks TLS to the ZooKeeper servers.'),
      caCertFile: z
        .string()
        .prefault('')
        .describe('PEM file of the authorities that their certificates must come from.'),
      certFile: z
        .string()
        .prefault('')
        .describe('PEM file of our client certificate; needs `keyFile`.'),
      keyFile: z.string().prefault('').describe('PEM file of the key that belongs to `certFile`.'),
    }),
    default: {},
    example: { on: true, caCertFile: '/etc/mesos-ns/zk-ca.pem' },
    doc: 'TLS to the ZooKeeper servers: `on`, `caCertFile`, `certFile` and `keyFile`. Without `caCertFile` their certificates are **not verified**.',
  }),
  refreshSeconds: setting({
    key: 'refreshSeconds',
    schema: seconds(1),
    default: 60,
    doc: 'Seconds between two fetches of the state, as long as there is no event stream.',
  }),
  stateTimeoutSeconds: setting({
    key: 'stateTimeoutSeconds',
    schema: seconds(1),
    default: 300,
    doc: 'Seconds that fetching the state from one master may take.',
  }),
}
