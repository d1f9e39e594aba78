import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { ZookeeperError } from '../../../src/mesos/detect/zookeeper/errors.ts'
import { FrameDecoder } from '../../../src/mesos/detect/zookeeper/frames.ts'
import { JuteReader, JuteWriter } from '../../../src/mesos/detect/zookeeper/jute.ts'
import { ErrorReply, OpCode, Xid } from '../../../src/mesos/detect/zookeeper/protocol.ts'
import type { HostPort } from '../../../src/net/address.ts'

export interface SeenConnect {
  readonly lastZxid: bigint
  readonly timeoutMs: number
  readonly sessionId: bigint
  readonly password: string
  readonly readOnly: boolean
}

export interface SeenRequest {
  readonly xid: number
  readonly opCode: number
  readonly path: string
  readonly watch: boolean
}

/** What a script may do with a message instead of the proper answer. */
export type Trick =
  | 'ignore'
  | 'close'
  /** These bytes, as they are. */
  | Buffer

/**
 * A ZooKeeper server with one flat directory of znodes, that a test scripts: it answers properly
 * unless a hook says otherwise.
 */
export class FakeZookeeper {
  readonly connects: SeenConnect[] = []
  readonly requests: SeenRequest[] = []
  readonly credentials: string[] = []
  /** Open connections, oldest first. */
  readonly sockets = new Set<Socket>()
  /** Undefined: the directory does not exist. */
  znodes: Map<string, Buffer> | undefined = new Map()
  path = '/mesos'
  zxid = 100n
  pings = 0
  closed = 0
  /** Sessions that may be resumed. */
  readonly sessions = new Set<bigint>()
  /** Bytes per write; undefined writes whole frames. */
  piece: number | undefined
  onConnect: ((seen: SeenConnect) => Trick | undefined) | undefined
  onRequest: ((seen: SeenRequest, socket: Socket) => Trick | undefined) | undefined
  onAuth: ((credentials: string) => Trick | undefined) | undefined
  onPing: (() => Trick | undefined) | undefined
  readonly #server: Server
  readonly #watches = new Map<string, Set<Socket>>()
  #nextSession = 0x1000n

  constructor(tls?: TlsOptions) {
    const accept = (socket: Socket) => this.#accept(socket)
    this.#server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  }

  static async listen(host = '127.0.0.1', tls?: TlsOptions): Promise<FakeZookeeper> {
    const fake = new FakeZookeeper(tls)
    await fake.listenOn(host, 0)
    return fake
  }

  listenOn(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  get server(): HostPort {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return { host: address.address, port: address.port }
  }

  /** Stops listening and cuts all connections. */
  close(): Promise<void> {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** Cuts all connections, keeps listening. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  set(name: string, data: string | Buffer): void {
    this.znodes ??= new Map()
    const isNew = !this.znodes.has(name)
    this.znodes.set(name, Buffer.from(data))
    this.zxid++
    if (isNew) this.#fire(this.path, 4)
  }

  delete(name: string): void {
    this.znodes?.delete(name)
    this.zxid++
    this.#fire(this.path, 4)
  }

  create(): void {
    this.znodes ??= new Map()
    this.zxid++
    this.#fire(this.path, 1)
  }

  /** Sends raw bytes to every connection. */
  blurt(bytes: Buffer): void {
    for (const socket of this.sockets) socket.write(bytes)
  }

  #fire(path: string, type: number): void {
    for (const socket of this.#watches.get(path) ?? []) this.#write(socket, watchFrame(path, type))
    this.#watches.delete(path)
  }

  #accept(socket: Socket): void {
    this.sockets.add(socket)
    const frames = new FrameDecoder()
    let greeted = false
    socket.on('error', () => {})
    socket.on('close', () => {
      this.sockets.delete(socket)
      for (const watchers of this.#watches.values()) watchers.delete(socket)
    })
    const take = (chunk: Buffer) => {
      frames.push(chunk)
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
        const reader = new JuteReader(frame)
        if (greeted) this.#onRequest(socket, reader)
        else this.#onConnect(socket, reader)
        greeted = true
      }
    }
    socket.on('data', (chunk) => {
      try {
        take(chunk)
      } catch (error) {
        if (!(error instanceof ZookeeperError)) throw error
        socket.destroy() // not our protocol: as real servers do
      }
    })
  }

  #onConnect(socket: Socket, reader: JuteReader): void {
    reader.int()
    const seen = {
      lastZxid: reader.long(),
      timeoutMs: reader.int(),
      sessionId: reader.long(),
      password: reader.buffer().toString('hex'),
      readOnly: reader.boolean(),
    }
    this.connects.push(seen)
    if (this.#play(socket, this.onConnect?.(seen))) return
    if (seen.lastZxid > this.zxid) {
      socket.destroy()
    } else if (seen.sessionId === 0n) {
      const id = this.#nextSession++
      this.sessions.add(id)
      this.#write(socket, connectFrame(id, seen.timeoutMs))
    } else if (this.sessions.has(seen.sessionId)) {
      this.#write(socket, connectFrame(seen.sessionId, seen.timeoutMs))
    } else {
      this.#write(socket, connectFrame(0n, 0))
    }
  }

  #onRequest(socket: Socket, reader: JuteReader): void {
    const xid = reader.int()
    const opCode = reader.int()
    if (opCode === OpCode.ping) {
      this.pings++
      if (!this.#play(socket, this.onPing?.())) this.#write(socket, replyFrame(Xid.ping, this.zxid))
    } else if (opCode === OpCode.auth) {
      reader.int()
      const credentials = `${reader.string()} ${reader.buffer().toString()}`
      this.credentials.push(credentials)
      if (!this.#play(socket, this.onAuth?.(credentials))) {
        this.#write(socket, replyFrame(Xid.auth, 0n))
      }
    } else if (opCode === OpCode.closeSession) {
      this.closed++
      this.#write(socket, replyFrame(xid, this.zxid))
      socket.end()
    } else {
      const seen = { xid, opCode, path: reader.string(), watch: reader.boolean() }
      this.requests.push(seen)
      if (!this.#play(socket, this.onRequest?.(seen, socket))) this.#reply(socket, seen)
    }
  }

  #reply(socket: Socket, { xid, opCode, path, watch }: SeenRequest): void {
    const children = path === this.path ? this.znodes : undefined
    const data = this.znodes?.get(path.slice(this.path.length + 1))
    const found = children !== undefined || data !== undefined
    if (watch && (found || opCode === OpCode.exists)) {
      this.#watches.set(path, (this.#watches.get(path) ?? new Set()).add(socket))
    }
    if (!found) {
      this.#write(socket, replyFrame(xid, this.zxid, ErrorReply.noNode))
    } else if (opCode === OpCode.getChildren2) {
      this.#write(socket, childrenFrame(xid, this.zxid, [...(children?.keys() ?? [])]))
    } else if (opCode === OpCode.getData) {
      this.#write(socket, dataFrame(xid, this.zxid, data ?? Buffer.alloc(0)))
    } else {
      this.#write(socket, existsFrame(xid, this.zxid))
    }
  }

  #play(socket: Socket, trick: Trick | undefined): boolean {
    if (trick === 'close') socket.destroy()
    else if (Buffer.isBuffer(trick)) this.#write(socket, trick)
    return trick !== undefined
  }

  #write(socket: Socket, frame: Buffer): void {
    const piece = this.piece ?? frame.length
    for (let i = 0; i < frame.length; i += piece) socket.write(frame.subarray(i, i + piece))
  }
}

export function connectFrame(id: bigint, timeoutMs: number): Buffer {
  return new JuteWriter()
    .int(0)
    .int(timeoutMs)
    .long(id)
    .buffer(Buffer.alloc(16, id === 0n ? 0 : 7))
    .boolean(false)
    .frame()
}

export function watchFrame(path: string, type: number): Buffer {
  return header(Xid.watchEvent, -1n, 0).int(type).int(3).string(path).frame()
}

export function replyFrame(xid: number, zxid: bigint, error = 0): Buffer {
  return header(xid, zxid, error).frame()
}

export function childrenFrame(xid: number, zxid: bigint, children: readonly string[]): Buffer {
  return stat(header(xid, zxid, 0).strings(children)).frame()
}

export function dataFrame(xid: number, zxid: bigint, data: Buffer): Buffer {
  return stat(header(xid, zxid, 0).buffer(data)).frame()
}

function existsFrame(xid: number, zxid: bigint): Buffer {
  return stat(header(xid, zxid, 0)).frame()
}

function header(xid: number, zxid: bigint, error: number): JuteWriter {
  return new JuteWriter().int(xid).long(zxid).int(error)
}

function stat(writer: JuteWriter): JuteWriter {
  return writer
    .long(1n)
    .long(2n)
    .long(3n)
    .long(4n)
    .int(5)
    .int(6)
    .int(7)
    .long(8n)
    .int(9)
    .int(10)
    .long(11n)
}
