import type { Report } from '../report.ts'
import { decodeLabels } from './decode-labels.ts'
import type { TaskStatus } from './model.ts'
import { describe, isObject, NONE, readList, readText } from './narrow.ts'

const KIND = 'status-odd'

/**
 * One element of a task's `statuses`. A status without a usable state is left out; an odd part of
 * another (timestamp, healthy, a label, a network) is left out alone.
 */
export function decodeStatus(raw: unknown, task: string, report: Report): TaskStatus | undefined {
  const state = isObject(raw) ? readText(raw.state) : undefined
  if (!isObject(raw) || state === undefined) {
    report.add(KIND, task, `status is ${describe(isObject(raw) ? raw.state : raw)}; left out`)
    return undefined
  }
  return {
    state,
    timestamp: decodeTimestamp(raw.timestamp, task, report),
    healthy: decodeHealthy(raw.healthy, task, report),
    labels: decodeLabels(raw.labels, { report, kind: KIND, object: task, key: 'status labels' }),
    networkAddresses: decodeNetworks(raw.container_status, task, report),
  }
}

/** Odd times count as 0, so that the status never outranks one whose time is known. */
function decodeTimestamp(value: unknown, task: string, report: Report): number {
  if (typeof value === 'number') return value
  if (value === undefined || value === null) return 0
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  report.add(
    KIND,
    task,
    `timestamp is ${describe(value)}; ${Number.isFinite(seconds) ? 'read as a number' : 'taken as 0'}`,
  )
  return Number.isFinite(seconds) ? seconds : 0
}

function decodeHealthy(value: unknown, task: string, report: Report): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value !== undefined && value !== null) {
    report.add(KIND, task, `healthy is ${describe(value)}; left out`)
  }
  return undefined
}

function decodeNetworks(containerStatus: unknown, task: string, report: Report): readonly string[] {
  if (containerStatus === undefined || containerStatus === null) return NONE
  if (!isObject(containerStatus)) {
    report.add(KIND, task, `container_status is ${describe(containerStatus)}; left out`)
    return NONE
  }
  const place = { report, kind: KIND, object: task, key: 'network_infos' }
  const networks = readList(containerStatus.network_infos, place)
  if (networks.length === 0) return NONE
  const addresses: string[] = []
  for (const network of networks) addNetworkAddresses(network, addresses, task, report)
  return addresses
}

/** Mesos 0.25 gave a network one `ip_address`; since 0.26 it has `ip_addresses`. */
function addNetworkAddresses(network: unknown, into: string[], task: string, report: Report): void {
  if (!isObject(network)) {
    report.add(KIND, task, `network_info is ${describe(network)}; left out`)
    return
  }
  const place = { report, kind: KIND, object: task, key: 'ip_addresses' }
  const list = readList(network.ip_addresses, place)
  for (const item of list) {
    addAddress(isObject(item) ? item.ip_address : item, into, task, report)
  }
  if (list.length === 0) addAddress(network.ip_address, into, task, report)
}

function addAddress(value: unknown, into: string[], task: string, report: Report): void {
  const address = readText(value)
  if (address === undefined) {
    report.add(KIND, task, `ip_address is ${describe(value)}; left out`)
  } else if (address !== '') {
    into.push(address)
  }
}
