import { canonicalIp } from '../net/address.ts'
import type { Label, Task, TaskStatus } from '../state/model.ts'

/** Finds a task's addresses in canonical text form; `agentAddresses` are those of its agent. */
export type AddressSource = (task: Task, agentAddresses: readonly string[]) => readonly string[]

const NONE: readonly string[] = []

const DOCKER_LABEL = 'Docker.NetworkSettings.IPAddress'
const MESOS_LABEL = 'MesosContainerizer.NetworkSettings.IPAddress'

const host: AddressSource = (_task, agentAddresses) => agentAddresses

const netinfo: AddressSource = (task) =>
  fromNewestStatus(task, ({ networkAddresses }) => validAddresses(networkAddresses))

const docker = statusLabel(DOCKER_LABEL)
const mesos = statusLabel(MESOS_LABEL)

/** What reaches the task from outside: its agent if a host port is mapped, else its own network. */
const ownOrHost = firstOf([netinfo, docker, mesos, host])
const hostOrOwn = firstOf([host, netinfo, docker, mesos])
const autoip: AddressSource = (task, agentAddresses) =>
  (task.hasPortMappings ? hostOrOwn : ownOrHost)(task, agentAddresses)

const SOURCES = new Map<string, AddressSource>([
  ['host', host],
  ['netinfo', netinfo],
  ['docker', docker],
  ['mesos', mesos],
  ['autoip', autoip],
])

const LABEL_PREFIX = 'label:'

/**
 * One source made of those named by `IPSources`: the first that finds a valid address decides, with all
 * it finds. Names that are no source find nothing.
 */
export function addressSource(names: readonly string[]): AddressSource {
  return firstOf(
    names.flatMap((name) =>
      name.startsWith(LABEL_PREFIX)
        ? [taskLabel(name.slice(LABEL_PREFIX.length))]
        : (SOURCES.get(name) ?? []),
    ),
  )
}

function firstOf(sources: readonly AddressSource[]): AddressSource {
  return (task, agentAddresses) => {
    for (const source of sources) {
      const addresses = source(task, agentAddresses)
      if (addresses.length > 0) return addresses
    }
    return NONE
  }
}

/** Values of a label that the containerizer put on a status, one address each. */
function statusLabel(key: string): AddressSource {
  return (task) => fromNewestStatus(task, ({ labels }) => validAddresses(labelValues(labels, key)))
}

/** Values of a label of the operator's choice on the task, else on a status; lists are comma separated. */
function taskLabel(key: string): AddressSource {
  const listed = (labels: readonly Label[]) =>
    validAddresses(
      labelValues(labels, key).flatMap((value) => value.split(',').map((part) => part.trim())),
    )
  return (task) => {
    const addresses = listed(task.labels)
    return addresses.length > 0 ? addresses : fromNewestStatus(task, ({ labels }) => listed(labels))
  }
}

/**
 * What the newest running status that has any addresses says, the first of equally new ones. A later
 * update without addresses, such as a health check's, takes none away.
 */
function fromNewestStatus(
  task: Task,
  addressesOf: (status: TaskStatus) => readonly string[],
): readonly string[] {
  let newest = Number.NEGATIVE_INFINITY
  let found = NONE
  for (const status of task.statuses) {
    if (status.state !== 'TASK_RUNNING' || status.timestamp <= newest) continue
    const addresses = addressesOf(status)
    if (addresses.length === 0) continue
    newest = status.timestamp
    found = addresses
  }
  return found
}

function labelValues(labels: readonly Label[], key: string): readonly string[] {
  if (labels.length === 0) return NONE
  return labels.filter((label) => label.key === key).map((label) => label.value)
}

/** Canonical forms of those texts that are IP addresses. */
export function validAddresses(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return NONE
  const valid: string[] = []
  for (const text of texts) {
    const address = canonicalIp(text)
    if (address !== undefined) valid.push(address)
  }
  return valid
}
