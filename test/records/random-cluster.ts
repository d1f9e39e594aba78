// Clusters in which names, addresses and ids collide as often as possible, and what may happen to them.
import fc from 'fast-check'
import type { StaticRecord } from '../../src/config/schema.ts'
import type { HostPort } from '../../src/net/address.ts'
import type { RecordsConfig, RecordsInput } from '../../src/records/input.ts'
import type { Agent, DiscoveryPort, Framework, Task } from '../../src/state/model.ts'
import { config, endpoint, input, status, task } from './cluster.ts'

const FRAMEWORK_NAMES = ['m', 'M', 'x', 'x.slave', 'X.Slave', 'a.b', 'web.x', 'leader', 'ns1', '']
const AGENT_IDS = ['a-S0', 'a-S1', 'a-S2', 'gone-S3']
const ENDPOINTS = [
  '10.0.0.10:5051',
  '10.0.0.11:5051',
  '10.0.0.10:5052',
  '[2001:db8::2]:5051',
  'one.example:5051',
  'two.example:5051',
  'gone.example:5051',
].map(endpoint)
const RESOLUTIONS = [[], ['10.0.0.12'], ['10.0.0.10', '2001:DB8::9'], ['172.16.0.1', 'nonsense']]
const LONG = 'a-task-with-a-name-that-is-longer-than-anybody-should-have-made-it'
const DISCOVERY_PORTS: readonly DiscoveryPort[] = [
  { protocol: 'tcp', number: 31000, name: 'http' },
  { protocol: 'udp,tcp', number: 70000, name: '' },
  { protocol: '', number: 80, name: 'Main Port' },
  { protocol: 'TCP', number: 31000, name: '' },
]

const address = (name: string, ttl?: number): StaticRecord => ({
  name,
  type: 'A',
  ttl,
  rdata: '192.0.2.1',
})
const alias = (name: string, rdata: string): StaticRecord => ({
  name,
  type: 'CNAME',
  ttl: 300,
  rdata,
})
const STATIC_RECORDS: readonly StaticRecord[] = [
  address('web.m.mesos.', 5),
  address('web.m.mesos.', 3600),
  address('db.m.mesos.'),
  { name: 'web.x.slave.mesos.', type: 'TXT', ttl: undefined, rdata: 'text' },
  { name: '_web._tcp.m.mesos.', type: 'SRV', ttl: 30, rdata: '0 1 31000 web.m.mesos.' },
  alias('web.m.mesos.', 'a.example.'),
  alias('web.m.mesos.', 'b.example.'),
  alias('web.x.slave.mesos.', 'a.example.'),
  alias('_web._tcp.m.mesos.', 'a.example.'),
  alias('www.mesos.', 'web.m.mesos.'),
  alias('mesos.', 'a.example.'),
]

const someTask: fc.Arbitrary<Task> = fc
  .record({
    id: fc.constantFrom('t.1', 't.2', 't.3', 't.4'),
    name: fc.constantFrom('web', 'Web', 'db', 'a.b', '***', LONG),
    agentId: fc.constantFrom(...AGENT_IDS),
    state: fc.constantFrom('TASK_RUNNING', 'TASK_RUNNING', 'TASK_RUNNING', 'TASK_STAGING'),
    ports: fc.subarray([31000, 31001]),
    discovery: fc.option(
      fc.record({
        name: fc.constantFrom('web', 'Web', 'Data_B.node', 'a b', 'web.x', '.web'),
        ports: fc.subarray([...DISCOVERY_PORTS]),
      }),
      { nil: undefined },
    ),
    healthy: fc.constantFrom(undefined, true, false),
    hasHealthCheck: fc.boolean(),
    networkAddresses: fc.subarray(
      ['172.16.0.1', '172.16.0.2', '2001:DB8::1', '10.0.0.10', '127.0.0.1'],
      { maxLength: 2 },
    ),
  })
  .map(({ healthy, networkAddresses, ...rest }) =>
    task({ ...rest, statuses: [status({ healthy, networkAddresses })] }),
  )

const someFramework: fc.Arbitrary<Framework> = fc.record({
  id: fc.constantFrom('f-1', 'f-2', 'f-3', 'f-4', 'f-5'),
  name: fc.constantFrom(...FRAMEWORK_NAMES),
  pid: fc.option(fc.constantFrom(...ENDPOINTS), { nil: undefined }),
  hostname: fc.constantFrom('', '10.9.9.9', 'one.example', 'gone.example'),
  tasks: fc.array(someTask, { maxLength: 5 }),
})

/** Everything that may change while the configuration stays. */
export interface World {
  readonly frameworks: readonly Framework[]
  readonly agents: ReadonlyMap<string, Agent>
  readonly hosts: ReadonlyMap<string, readonly string[]>
  readonly leader: HostPort | undefined
  readonly masters: readonly HostPort[]
  readonly listenerAddresses: readonly string[]
}

const someAgents = fc
  .uniqueArray(fc.constantFrom(...AGENT_IDS.slice(0, 3)))
  .chain((ids) => fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.nat()))))
  .map((all) => new Map(all.map(([id, pid]) => [id, { id, pid: pick(ENDPOINTS, pid) }])))

const someHosts = fc.tuple(fc.constantFrom(...RESOLUTIONS), fc.constantFrom(...RESOLUTIONS)).map(
  ([one, two]) =>
    new Map([
      ['one.example', one],
      ['two.example', two],
    ]),
)

const someListeners = fc.subarray(['10.0.0.53', '2001:db8::53'])

export const someWorld: fc.Arbitrary<World> = fc.record({
  frameworks: fc.array(someFramework, { maxLength: 5 }),
  agents: someAgents,
  hosts: someHosts,
  leader: fc.option(fc.constantFrom(...ENDPOINTS), { nil: undefined }),
  masters: fc.array(fc.constantFrom(...ENDPOINTS), { maxLength: 3 }),
  listenerAddresses: someListeners,
})

export const someConfig: fc.Arbitrary<RecordsConfig> = fc
  .record({
    health: fc.constantFrom('include', 'exclude', 'require'),
    reverseDnsOn: fc.boolean(),
    enforceRfc952: fc.boolean(),
    soaMname: fc.constantFrom('ns1.mesos.', 'Web.m.mesos.', 'master.mesos.', 'ns.example.'),
    ipSources: fc.constantFrom(['netinfo', 'host'], ['host']),
    staticRecords: fc.subarray([...STATIC_RECORDS]),
  })
  .map((changed) => ({ ...config, ...changed }))

export type Edit = (world: World) => World

function pick<T>(from: readonly T[], n: number): T {
  return from[n % from.length] as T
}

/** Gives the n-th framework, if there is one, other tasks or another name, pid or id. */
function editFramework(n: number, change: (framework: Framework) => Partial<Framework>): Edit {
  return (world) => ({
    ...world,
    frameworks: world.frameworks.map((framework, i) =>
      i === n % world.frameworks.length ? { ...framework, ...change(framework) } : framework,
    ),
  })
}

/** Takes the n-th task out of a framework; undefined where there is none. */
function takeTask(world: World, n: number): { task: Task; rest: World } | undefined {
  const at = n % Math.max(1, world.frameworks.length)
  const tasks = world.frameworks[at]?.tasks ?? []
  const taken = tasks[n % Math.max(1, tasks.length)]
  if (taken === undefined) return undefined
  const without = () => ({ tasks: tasks.filter((_, i) => i !== n % tasks.length) })
  return { task: taken, rest: editFramework(at, without)(world) }
}

const n = fc.nat({ max: 100 })

export const someEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.constant<Edit>((world) => ({ ...world })),
  fc.tuple(n, someTask).map(([at, added]): Edit => {
    return editFramework(at, ({ tasks }) => ({ tasks: [...tasks, added] }))
  }),
  fc.tuple(n, someTask).map(([at, added]): Edit => {
    return editFramework(at, ({ tasks }) => ({ tasks: [added, ...tasks.slice(1)] }))
  }),
  n.map(
    (at): Edit =>
      (world) =>
        takeTask(world, at)?.rest ?? world,
  ),
  // A task moves to another framework, agent, or place, or is there twice.
  fc.tuple(n, n).map(([from, to]): Edit => {
    return (world) => {
      const taken = takeTask(world, from)
      if (taken === undefined) return world
      return editFramework(to, ({ tasks }) => ({ tasks: [...tasks, taken.task] }))(taken.rest)
    }
  }),
  fc.tuple(n, fc.constantFrom(...AGENT_IDS)).map(([at, agentId]): Edit => {
    return editFramework(at, ({ tasks }) => ({
      tasks: tasks.map((each, i) => (i === at % tasks.length ? { ...each, agentId } : each)),
    }))
  }),
  n.map((at): Edit => editFramework(at, ({ tasks }) => ({ tasks: [...tasks].reverse() }))),
  n.map((at): Edit => {
    return editFramework(at, ({ tasks }) => ({ tasks: [...tasks, ...tasks.slice(0, 2)] }))
  }),
  fc.tuple(n, fc.constantFrom(...FRAMEWORK_NAMES)).map(([at, name]): Edit => {
    return editFramework(at, () => ({ name }))
  }),
  fc.tuple(n, fc.option(fc.constantFrom(...ENDPOINTS), { nil: undefined })).map(([at, pid]) => {
    return editFramework(at, () => ({ pid }))
  }),
  someFramework.map((added): Edit => {
    return (world) => ({ ...world, frameworks: [added, ...world.frameworks] })
  }),
  n.map((at): Edit => {
    return (world) => ({
      ...world,
      frameworks: world.frameworks.filter((_, i) => i !== at % world.frameworks.length),
    })
  }),
  fc.constant<Edit>((world) => ({ ...world, frameworks: [...world.frameworks].reverse() })),
  someAgents.map(
    (agents): Edit =>
      (world) => ({ ...world, agents }),
  ),
  fc.tuple(fc.constantFrom(...AGENT_IDS), fc.constantFrom(...ENDPOINTS)).map(([id, pid]): Edit => {
    return (world) => ({ ...world, agents: new Map(world.agents).set(id, { id, pid }) })
  }),
  someHosts.map(
    (hosts): Edit =>
      (world) => ({ ...world, hosts }),
  ),
  fc.option(fc.constantFrom(...ENDPOINTS), { nil: undefined }).map((leader): Edit => {
    return (world) => ({ ...world, leader })
  }),
  fc.array(fc.constantFrom(...ENDPOINTS), { maxLength: 3 }).map((masters): Edit => {
    return (world) => ({ ...world, masters })
  }),
  someListeners.map(
    (listenerAddresses): Edit =>
      (world) => ({ ...world, listenerAddresses }),
  ),
)

/** The records' input for a world, with a report of its own. */
export function inputOf(world: World, config: RecordsConfig): RecordsInput {
  const { frameworks, agents, leader, hosts, masters, listenerAddresses } = world
  const state = { frameworks, agents, leader }
  return input(state, { hosts, masters, listenerAddresses, config })
}
