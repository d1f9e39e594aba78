import { SimulatedCluster, type SimulatedFramework, type TaskSpec } from '../../src/demo/index.ts'

/** How many tasks `many` and `crowd` have: too many for a datagram, and for compression pointers. */
export const MANY = 100
export const CROWD = 500

const WEB: TaskSpec = { name: 'web', ports: 1 }
/** Eight of them: the SRV records fit into 512 octets, their addresses do not. */
const EDGE: TaskSpec = { name: 'edge', ports: 1 }
const CACHE: TaskSpec = {
  name: 'cache',
  network: 'dual-stack',
  discovery: { name: 'cache', ports: [{ number: 6379, name: 'redis', protocol: 'tcp' }] },
}
/** The name as sent has a dot, so that `shop.marathon.mesos` exists and holds nothing. */
const DB: TaskSpec = {
  name: 'db',
  network: 'container',
  discovery: { name: 'db.shop', ports: [{ number: 5432, protocol: 'tcp' }] },
}
const SYSLOG: TaskSpec = {
  name: 'syslog',
  ports: 1,
  network: 'container',
  discovery: { name: 'syslog', ports: [{ number: 514, protocol: 'udp,tcp' }] },
}
const LONG: TaskSpec = { name: `long-${'x'.repeat(58)}`, ports: 1 }

function crowd(name: string): TaskSpec {
  return {
    name,
    network: 'container',
    discovery: { name, ports: [{ number: 8080, protocol: 'tcp' }] },
  }
}

/**
 * A cluster with a name of every kind: frameworks and discovery names with dots, empty non-terminals,
 * both address families, labels that had to be shortened, and sets of records too long for a datagram.
 * Task ids are given, so that the names made from them are known.
 */
export function variedCluster(): SimulatedCluster {
  const cluster = new SimulatedCluster()
  for (let n = 0; n < 3; n++) cluster.addAgent()
  const agents = [...cluster.agents]
  const launch = (framework: SimulatedFramework, spec: TaskSpec, instances: number) => {
    for (let n = 0; n < instances; n++) {
      const agent = agents[n % agents.length]
      cluster.launch(framework, spec, { id: `${spec.name}.${n}`, ...(agent && { agent }) })
    }
  }
  const marathon = cluster.addFramework({
    name: 'marathon',
    pid: { host: '10.0.250.1', port: 25501 },
  })
  launch(marathon, WEB, 3)
  launch(marathon, EDGE, 8)
  launch(marathon, CACHE, 2)
  launch(marathon, DB, 1)
  launch(marathon, SYSLOG, 1)
  launch(marathon, LONG, 2)
  launch(marathon, crowd('many'), MANY)
  launch(marathon, crowd('crowd'), CROWD)
  const chronos = cluster.addFramework({
    name: 'Chronos-2.5',
    pid: { host: '10.0.250.2', port: 25502 },
  })
  launch(chronos, { name: 'ChronosTask:backup_db', ports: 1 }, 1)
  const kafka = cluster.addFramework({ name: 'kafka.prod.team', hostname: '10.0.250.3' })
  launch(kafka, { name: 'broker', ports: 2 }, 3)
  return cluster
}

/** What its first app has, as dig prints it. */
export const WEB_RECORDS = [1, 2, 3].map((n) => `web.marathon.mesos. 60 A 10.0.0.${n}`)

/** Records of every type that an operator can add. */
export const STATIC_RECORDS = [
  { type: 'CNAME', name: 'www', target: 'web.marathon', ttl: 300 },
  { type: 'TXT', name: 'note', text: 'of the operator' },
  { type: 'AAAA', name: 'v6', address: '2001:db8::6' },
  { type: 'A', name: 'deep.below.nothing.at.all', address: '192.0.2.7' },
  { type: 'SRV', name: '_ldap._tcp', port: 389, target: 'dir.example.com.' },
]
