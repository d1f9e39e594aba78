import { type JuteReader, JuteWriter } from './jute.ts'

/** Transaction ids with a meaning of their own; those of requests count from 1. */
export const Xid = { watchEvent: -1, ping: -2, auth: -4 } as const

/** Operation codes (ZooDefs.OpCode). */
export const OpCode = {
  exists: 3,
  getData: 4,
  ping: 11,
  getChildren2: 12,
  auth: 100,
  closeSession: -11,
} as const

/** Error codes of replies (KeeperException.Code) that mean something to a reader. */
export const ErrorReply = {
  noNode: -101,
  noAuth: -102,
  sessionExpired: -112,
  authFailed: -115,
  sessionMoved: -118,
} as const

const ERROR_NAMES: ReadonlyMap<number, string> = new Map([
  [ErrorReply.noNode, 'no such znode'],
  [ErrorReply.noAuth, 'not permitted (give credentials as zk://user:password@…)'],
  [ErrorReply.sessionExpired, 'session expired'],
  [ErrorReply.authFailed, 'authentication failed'],
  [ErrorReply.sessionMoved, 'session moved to another server'],
])

export function describeErrorReply(code: number): string {
  return ERROR_NAMES.get(code) ?? `error ${code}`
}

/** A session: it outlives connections and can be taken to another server of the ensemble. */
export interface Session {
  readonly id: bigint
  readonly password: Uint8Array
  /** What client and ensemble agreed on, in milliseconds. */
  readonly timeoutMs: number
}

/** One kind of request: how it is written after the header, how its reply reads. */
export interface Operation<T> {
  readonly opCode: number
  /** For messages: `getData /mesos/json.info_0000000001`. */
  readonly description: string
  readonly write: (writer: JuteWriter) => void
  readonly read: (reader: JuteReader) => T
}

/** Metadata of a znode; transaction ids as bigint, times in milliseconds since the epoch. */
export interface Stat {
  readonly czxid: bigint
  readonly mzxid: bigint
  readonly ctime: bigint
  readonly mtime: bigint
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  /** Session that an ephemeral znode dies with; 0 for a persistent one. */
  readonly ephemeralOwner: bigint
  readonly dataLength: number
  readonly numChildren: number
  /** Transaction that last changed the list of children. */
  readonly pzxid: bigint
}

/** What the watches of this client tell (WatcherEvent); a watch fires once. */
export interface WatchEvent {
  /** EventType: -1 session state, 1 created, 2 deleted, 3 data changed, 4 children changed. */
  readonly type: number
  /** KeeperState: 3 connected, … */
  readonly state: number
  readonly path: string
}

/**
 * ConnectRequest. `lastZxid` makes a server that has seen less than this client refuse it, so that no
 * older state is read after newer; 0 asks nothing. Servers in read-only mode (a minority cut off from
 * its quorum) are not wanted: what they know may be old.
 */
export function connectRequest(
  session: Session | undefined,
  timeoutMs: number,
  lastZxid: bigint,
): Buffer {
  return new JuteWriter()
    .int(0)
    .long(lastZxid)
    .int(timeoutMs)
    .long(session?.id ?? 0n)
    .buffer(session?.password ?? new Uint8Array(16))
    .boolean(false)
    .frame()
}

/**
 * ConnectResponse, the only message without a reply header. A timeout of 0 or less means that the
 * session asked for is gone. The trailing read-only flag, which servers before 3.4 leave out, is
 * of no interest here.
 */
export function readConnectResponse(reader: JuteReader): Session {
  reader.int()
  const timeoutMs = reader.int()
  const id = reader.long()
  return { timeoutMs, id, password: Uint8Array.from(reader.buffer()) }
}

export function requestFrame(xid: number, operation: Operation<unknown>): Buffer {
  const writer = new JuteWriter().int(xid).int(operation.opCode)
  operation.write(writer)
  return writer.frame()
}

/** Keeps the session alive; answered under its own xid. */
export function pingRequest(): Buffer {
  return new JuteWriter().int(Xid.ping).int(OpCode.ping).frame()
}

/** Tells the ensemble that the session is over, instead of letting it expire. */
export function closeRequest(xid: number): Buffer {
  return new JuteWriter().int(xid).int(OpCode.closeSession).frame()
}

/** AuthPacket of scheme `digest`; `credentials` is `user:password`. Answered under its own xid. */
export function authRequest(credentials: string): Buffer {
  return new JuteWriter()
    .int(Xid.auth)
    .int(OpCode.auth)
    .int(0)
    .string('digest')
    .buffer(Buffer.from(credentials))
    .frame()
}

export interface ReplyHeader {
  readonly xid: number
  readonly zxid: bigint
  /** 0, or an ErrorReply; then nothing follows. */
  readonly error: number
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  return { xid: reader.int(), zxid: reader.long(), error: reader.int() }
}

export function readWatchEvent(reader: JuteReader): WatchEvent {
  return { type: reader.int(), state: reader.int(), path: reader.string() }
}

export interface Children {
  /** Names without the path, in no order. */
  readonly children: readonly string[]
  readonly stat: Stat
}

/** Children of a znode; with `watch` the next change of the list is told. */
export function getChildren2(path: string, watch: boolean): Operation<Children> {
  return {
    ...pathOperation('getChildren2', path, watch),
    read: (reader) => ({ children: reader.strings(), stat: readStat(reader) }),
  }
}

export interface ZnodeData {
  readonly data: Buffer
  readonly stat: Stat
}

/** Content of a znode; with `watch` its next change or removal is told. */
export function getData(path: string, watch: boolean): Operation<ZnodeData> {
  return {
    ...pathOperation('getData', path, watch),
    read: (reader) => ({ data: reader.buffer(), stat: readStat(reader) }),
  }
}

/** Metadata of a znode; with `watch` its creation is told too, unlike by the others. */
export function exists(path: string, watch: boolean): Operation<Stat> {
  return { ...pathOperation('exists', path, watch), read: readStat }
}

function pathOperation(name: 'exists' | 'getData' | 'getChildren2', path: string, watch: boolean) {
  return {
    opCode: OpCode[name],
    description: `${name} ${path}`,
    write: (writer: JuteWriter) => {
      writer.string(path).boolean(watch)
    },
  }
}

function readStat(reader: JuteReader): Stat {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  }
}
