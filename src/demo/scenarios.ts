import { type ClusterOptions, SimulatedCluster } from './cluster.ts'
import type { FrameworkSpec, SimulatedFramework, TaskSpec } from './model.ts'

/** An app a scheduler keeps running. */
export interface App {
  readonly framework: SimulatedFramework
  readonly spec: TaskSpec
}

export interface DemoScenario {
  readonly cluster: SimulatedCluster
  /** Long-running services. */
  readonly services: readonly App[]
  /** Short jobs that are not running at first. */
  readonly jobs: readonly App[]
}

/** Three tasks behind a named port and a health check, on the agents' addresses. */
export const WEB: TaskSpec = {
  name: 'web',
  ports: 1,
  hasHealthCheck: true,
  discovery: { name: 'web', ports: [{ name: 'http', protocol: 'tcp' }] },
}
/** Marathon's `/shop/api`: it names tasks with the path reversed. */
const API: TaskSpec = { name: 'api.shop', ports: 2, hasHealthCheck: true }
/** Containers with addresses of their own, of both families. */
const CACHE: TaskSpec = {
  name: 'cache',
  network: 'dual-stack',
  discovery: { name: 'cache', ports: [{ number: 6379, name: 'redis', protocol: 'tcp' }] },
}
const SYSLOG: TaskSpec = {
  name: 'syslog',
  ports: 1,
  network: 'container',
  containerPorts: [514],
  discovery: { name: 'syslog', ports: [{ number: 514, protocol: 'udp,tcp' }] },
}
const BROKER: TaskSpec = { name: 'broker', ports: 1, network: 'container' }

const JOBS: readonly TaskSpec[] = [
  { name: 'ChronosTask:nightly-report' },
  { name: 'ChronosTask:backup_db', ports: 1 },
]

const MARATHON: FrameworkSpec = {
  name: 'marathon',
  pid: { host: '10.0.250.1', port: 25501 },
  webuiUrl: 'http://10.0.250.1:8080/',
}
const CHRONOS: FrameworkSpec = {
  name: 'chronos-2.5',
  pid: { host: '10.0.250.2', port: 25502 },
  partitionAware: false,
}
/** A scheduler of the HTTP API: no pid, only where it runs. */
const KAFKA: FrameworkSpec = { name: 'kafka', hostname: '10.0.250.3' }

/**
 * The cluster behind the demo: three masters, five agents, Marathon with four apps, Chronos with two
 * jobs, and a Kafka scheduler. Only addresses, no host names: nothing has to be looked up.
 */
export function demoScenario(options: ClusterOptions = {}): DemoScenario {
  const cluster = new SimulatedCluster({ masters: 3, ...options })
  for (let n = 0; n < 5; n++) cluster.addAgent()
  const marathon = cluster.addFramework(MARATHON)
  const chronos = cluster.addFramework(CHRONOS)
  const kafka = cluster.addFramework(KAFKA)
  const services: App[] = []
  const start = (framework: SimulatedFramework, spec: TaskSpec, instances: number) => {
    cluster.scale(framework, spec, instances)
    services.push({ framework, spec })
  }
  start(marathon, WEB, 3)
  start(marathon, API, 2)
  start(marathon, CACHE, 2)
  start(marathon, SYSLOG, 1)
  start(kafka, BROKER, 3)
  return { cluster, services, jobs: JOBS.map((spec) => ({ framework: chronos, spec })) }
}

/** A cluster of any size, for benchmarks: `tasks` in apps of about ten, spread over the agents. */
export function largeCluster(
  size: { readonly tasks: number; readonly agents?: number; readonly frameworks?: number },
  options: ClusterOptions = {},
): SimulatedCluster {
  const { tasks, agents = Math.max(1, Math.ceil(tasks / 100)), frameworks = 4 } = size
  const cluster = new SimulatedCluster(options)
  for (let n = 0; n < agents; n++) cluster.addAgent()
  const schedulers = Array.from({ length: frameworks }, (_, n) =>
    cluster.addFramework({
      name: n === 0 ? 'marathon' : `marathon-${n}`,
      pid: { host: '10.0.250.1', port: 25500 + n },
    }),
  )
  for (let app = 0, launched = 0; launched < tasks; app++) {
    const spec = appOfMany(app)
    const framework = schedulers[app % frameworks]
    if (framework === undefined) throw new RangeError('a cluster with tasks needs a framework')
    for (let n = 0; n < 10 && launched < tasks; n++, launched++) cluster.launch(framework, spec)
  }
  return cluster
}

/** Every kind of app in turn. */
function appOfMany(app: number): TaskSpec {
  const name = `app-${app}.group-${app % 50}`
  switch (app % 4) {
    case 0:
      return { name, ports: 1, hasHealthCheck: true }
    case 1:
      return {
        name,
        ports: 2,
        discovery: {
          name: `svc-${app}`,
          ports: [
            { name: 'http', protocol: 'tcp' },
            { name: 'admin', protocol: 'tcp' },
          ],
        },
      }
    case 2:
      return {
        name,
        network: 'container',
        discovery: { name: `svc-${app}`, ports: [{ number: 8080, protocol: 'tcp' }] },
      }
    default:
      return {
        name,
        ports: 1,
        network: 'dual-stack',
        containerPorts: [80],
        labels: [{ key: 'tier', value: `t${app % 3}` }],
      }
  }
}
