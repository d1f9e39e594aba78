import type { TestContext } from 'node:test'
import { systemClock } from '../../../src/mesos/detect/zookeeper/clock.ts'
import {
  type Connection,
  type ConnectionOptions,
  openConnection,
} from '../../../src/mesos/detect/zookeeper/connection.ts'
import type { Operation } from '../../../src/mesos/detect/zookeeper/protocol.ts'
import type { HostPort } from '../../../src/net/address.ts'

const EVERYONE = { scheme: 'world', id: 'anyone' }
export const PERSISTENT = 0
export const EPHEMERAL_SEQUENTIAL = 3

/** The write that a reader never needs: creates a znode that its ACL gives all rights on. */
export function create(
  path: string,
  data: string,
  flags: number,
  acl = EVERYONE,
): Operation<string> {
  return {
    opCode: 1,
    description: `create ${path}`,
    write: (writer) => {
      writer.string(path).buffer(Buffer.from(data))
      writer.int(1).int(31).string(acl.scheme).string(acl.id).int(flags)
    },
    read: (reader) => reader.string(),
  }
}

/** A session at that server, as a master holds one. A number is a port of 127.0.0.1. */
export async function session(
  t: TestContext,
  server: HostPort | number,
  options: Partial<ConnectionOptions> = {},
): Promise<Connection> {
  const address = typeof server === 'number' ? { host: '127.0.0.1', port: server } : server
  const connection = await openConnection(address, {
    connectTimeoutMs: 5000,
    handshakeTimeoutMs: 5000,
    sessionTimeoutMs: 4000,
    tls: undefined,
    random: Math.random,
    clock: systemClock,
    signal: new AbortController().signal,
    session: undefined,
    lastZxid: 0n,
    credentials: undefined,
    onWatch: () => {},
    ...options,
  })
  t.after(() => connection.close())
  return connection
}

/** Stands for election as Mesos does: the znode lives as long as the session. */
export async function stand(
  t: TestContext,
  server: HostPort | number,
  address: string,
): Promise<Connection> {
  const connection = await session(t, server)
  const [ip, masterPort] = address.split(':')
  const info = JSON.stringify({ address: { ip, port: Number(masterPort) }, id: address })
  await connection.request(create('/mesos/json.info_', info, EPHEMERAL_SEQUENTIAL))
  return connection
}
