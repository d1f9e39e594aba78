import { type HostPort, parseHostPort } from '../../src/net/address.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordsConfig, RecordsInput } from '../../src/records/input.ts'
import type { RecordSet } from '../../src/records/record-set.ts'
import { Report } from '../../src/report.ts'
import type { Agent, ClusterState, Framework, Task, TaskStatus } from '../../src/state/model.ts'

export const config: RecordsConfig = {
  domain: 'mesos',
  ttl: 60,
  soaMname: 'ns1.mesos.',
  ipSources: ['netinfo', 'mesos', 'host'],
  enforceRfc952: false,
  srvRecordDefaultWeight: 1,
  reverseDnsOn: false,
  health: 'include',
  staticRecords: [],
}

/** A running task on agent `a-S0` with host port 31000, changed as said. */
export function task(change: Partial<Task> = {}): Task {
  return {
    id: 'web.1',
    name: 'web',
    agentId: 'a-S0',
    state: 'TASK_RUNNING',
    ports: [],
    discovery: undefined,
    statuses: [status()],
    hasHealthCheck: false,
    hasPortMappings: false,
    labels: [],
    ...change,
  }
}

export function status(change: Partial<TaskStatus> = {}): TaskStatus {
  return {
    state: 'TASK_RUNNING',
    timestamp: 1,
    healthy: undefined,
    labels: [],
    networkAddresses: [],
    ...change,
  }
}

/** A framework without a scheduler address, so that only its tasks have records. */
export function framework(name: string, ...tasks: Task[]): Framework {
  return { id: `f-${name}`, name, pid: undefined, hostname: '', tasks }
}

export function endpoint(text: string): HostPort {
  const parsed = parseHostPort(text)
  if (parsed === undefined) throw new Error(`no host:port: ${text}`)
  return parsed
}

/** Agents `a-S0` (10.0.0.10) and `a-S1` (10.0.0.11) unless others are given as id → host:port. */
export function state(
  frameworks: readonly Framework[],
  agents: Readonly<Record<string, string>> = { 'a-S0': '10.0.0.10:5051', 'a-S1': '10.0.0.11:5051' },
  leader?: string,
): ClusterState {
  const byId = new Map<string, Agent>()
  for (const [id, pid] of Object.entries(agents)) byId.set(id, { id, pid: endpoint(pid) })
  return { leader: leader === undefined ? undefined : endpoint(leader), agents: byId, frameworks }
}

export type Change = Partial<Omit<RecordsInput, 'state' | 'config'>> & {
  readonly config?: Partial<RecordsConfig>
}

export function input(
  state: ClusterState,
  { config: changed, ...change }: Change = {},
): RecordsInput {
  return {
    state,
    masters: [],
    hosts: new Map(),
    listenerAddresses: [],
    report: new Report(),
    ...change,
    config: { ...config, ...changed },
  }
}

/** `owner ttl type rdata`, sorted. */
export function present(records: RecordSet): string[] {
  const lines: string[] = []
  for (const { name, type, ttl, rdata } of records) {
    for (const text of rdata) lines.push(`${name} ${ttl ?? config.ttl} ${type} ${text}`)
  }
  return lines.sort()
}

/** The non-empty lines of a table in presentation format, sorted; runs of blanks count as one. */
export function table(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))
    .filter((line) => line !== '')
    .sort()
}

/** Records of tasks only: without those of agents, which are in every state. */
export function generate(of: ClusterState, change: Change = {}) {
  const given = input(of, change)
  const lines = present(generateRecords(given)).filter(
    (line) => !/^(_slave\._tcp|slave)\.mesos\./.test(line),
  )
  return {
    lines,
    problems: given.report.problems.map(({ kind, object }) => `${kind} ${object}`),
    /** Lines whose owner is one of the given names. */
    of: (...names: string[]) => lines.filter((line) => names.includes(line.split(' ')[0] ?? '')),
  }
}
