import { type HostPort, parseHostPort } from '../net/address.ts'
import type { Report } from '../report.ts'
import { decodeAgents } from './decode-agent.ts'
import { decodeFramework } from './decode-framework.ts'
import { StateFormatError } from './errors.ts'
import type { ClusterState, Framework } from './model.ts'
import { describe, isObject, readWholeList } from './narrow.ts'
import { parsePid, trimPid } from './pid.ts'

/** What Mesos masters listen on unless told otherwise. */
const DEFAULT_MASTER_PORT = 5050

/**
 * Decodes the body of a master's `/state`. Objects that are odd are left out, whole or in part, and
 * named in `report`; everything else is used. Throws StateFormatError only for a document that is no
 * state.
 */
export function decodeState(json: unknown, report: Report): ClusterState {
  if (!isObject(json)) throw notAnObject(json)
  if (!('leader' in json || 'slaves' in json || 'frameworks' in json)) throw noState()
  const slaves = readWholeList(json.slaves, 'slaves')
  const frameworks: Framework[] = []
  for (const raw of readWholeList(json.frameworks, 'frameworks')) {
    const framework = decodeFramework(raw, report)
    if (framework !== undefined) frameworks.push(framework)
  }
  return {
    leader: decodeLeader(json.leader, report),
    agents: decodeAgents(slaves, report),
    frameworks,
  }
}

/** The error for a document that is some other JSON value. */
export function notAnObject(json: unknown): StateFormatError {
  return new StateFormatError(
    `a Mesos state is a JSON object, this is ${describe(json)}; expected the body of /state`,
  )
}

/** The error for an object that is about something else. */
export function noState(): StateFormatError {
  return new StateFormatError(
    'this JSON object is no Mesos state: it has no leader, slaves or frameworks; expected the body of /state',
  )
}

/** `master@IP:port`; without `master@` or the port it is still readable, and reported. */
export function decodeLeader(value: unknown, report: Report): HostPort | undefined {
  if (value === undefined || value === null || value === '') {
    report.add('leader-missing', '', 'the state names no leader; no leader records')
    return undefined
  }
  const pid = typeof value === 'string' ? parsePid(value) : undefined
  if (pid !== undefined) return pid
  const address = typeof value === 'string' ? trimPid(value).replace(/^[^@]*@/, '') : ''
  const leader = parseHostPort(address, DEFAULT_MASTER_PORT)
  const done = leader === undefined ? 'no leader records' : `read as ${address}`
  report.add('leader-odd', '', `leader is ${describe(value)}, not master@host:port; ${done}`)
  return leader
}
