import { formatHostPort, type HostPort } from '../../../net/address.ts'
import { bySequence, type Candidate, successionOf } from './election.ts'
import { describeCause, ZookeeperError } from './errors.ts'
import { type MasterInfo, parseJsonMasterInfo, parseProtobufMasterInfo } from './master-info.ts'
import { ErrorReply, getChildren2, getData, type Operation } from './protocol.ts'

/** More masters than any cluster has; bounds what a strange list of children makes us ask. */
const MAX_CANDIDATES = 100

/** Many times what a MasterInfo takes, which is some hundred bytes. */
const MAX_INFO_LENGTH = 64 * 1024

/** Who stood for election at one moment. */
export interface Election {
  /** Readable masters in the order of their sequence numbers, each address once. */
  readonly masters: readonly HostPort[]
  /** The first in line; undefined if nobody stands. */
  readonly leader: Master | OddZnode | undefined
  /** Znodes that say no address. */
  readonly odd: readonly OddZnode[]
}

export interface Master extends Candidate {
  readonly info: MasterInfo
}

export interface OddZnode extends Candidate {
  readonly reason: string
}

/** Sends a request; rejects with ZookeeperError. */
export type Request = <T>(operation: Operation<T>) => Promise<T>

/**
 * Reads the children of `path`, setting a watch on the list, and the masters among them. Rejects with
 * ZookeeperError: an error reply for the path itself, or a broken connection.
 */
export async function readMasters(request: Request, path: string): Promise<Election> {
  const { children } = await request(getChildren2(path, true))
  const candidates = successionOf(children).slice(0, MAX_CANDIDATES)
  const read = await Promise.all(candidates.map((each) => readMaster(request, path, each)))
  const line = read.filter((each) => each !== undefined)
  const masters = line.filter((each) => 'info' in each).sort(bySequence)
  const unique = new Map(masters.map(({ info }) => [formatHostPort(info.address), info.address]))
  return {
    masters: [...unique.values()],
    leader: line[0],
    odd: line.filter((each) => 'reason' in each),
  }
}

/** Undefined if the znode went away meanwhile: its master stands no more, and the watch fires soon. */
async function readMaster(
  request: Request,
  path: string,
  candidate: Candidate,
): Promise<Master | OddZnode | undefined> {
  const parse = candidate.format === 'json' ? parseJsonMasterInfo : parseProtobufMasterInfo
  try {
    const { data } = await request(getData(childPath(path, candidate.znode), false))
    if (data.length > MAX_INFO_LENGTH) {
      return { ...candidate, reason: `${data.length} bytes, more than any master writes` }
    }
    return { ...candidate, info: parse(data) }
  } catch (error) {
    if (error instanceof ZookeeperError && error.failure !== 'reply') throw error
    if (error instanceof ZookeeperError && error.reply === ErrorReply.noNode) return undefined
    return { ...candidate, reason: describeCause(error) }
  }
}

/** Absolute, no trailing and no repeated slashes: what ZooKeeper takes as a path. */
export function normalizePath(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`
}

function childPath(path: string, child: string): string {
  return path === '/' ? `/${child}` : `${path}/${child}`
}
