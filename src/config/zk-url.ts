import { formatHostPort, type HostPort, isIp, parseHostPort } from '../net/address.ts'
import { ConfigError, Fault } from './issue.ts'
import { isHostName } from './names.ts'
import { redactUserinfo } from './redact-url.ts'

/** Where `zk` says the leading master is announced, or the one master that it names itself. */
export type ZkUrl =
  | {
      readonly kind: 'zookeeper'
      /** In the order written, without repetitions. */
      readonly hosts: readonly HostPort[]
      /** Absolute, without a slash at the end. */
      readonly path: string
      readonly auth?: { readonly user: string; readonly password: string }
    }
  | { readonly kind: 'standalone'; readonly master: HostPort }

const ZOOKEEPER_PORT = 2181
const EXAMPLE = 'zk://10.0.0.1:2181,10.0.0.2:2181/mesos'

/**
 * Takes `zk://[user:password@]host[:port],…/path` or `[id@]host:port` apart; throws a ConfigError that
 * shows no password. `file://` is resolved when the configuration is loaded and never gets here.
 */
export function parseZkUrl(text: string): ZkUrl {
  const url = readZkUrl(text)
  if (!(url instanceof Fault)) return url
  throw new ConfigError([
    {
      where: 'configuration',
      path: 'zk',
      value: redactUserinfo(text),
      message: url.message,
      fix: url.fix,
    },
  ])
}

/** As parseZkUrl, but gives the fault back. */
export function readZkUrl(text: string): ZkUrl | Fault {
  if (text.startsWith('zk://')) return readZooKeeper(text.slice('zk://'.length))
  if (text.includes('://')) {
    return new Fault('has an unknown scheme', `write it like ${EXAMPLE}, or file:///path`)
  }
  const address = text.slice(text.lastIndexOf('@') + 1)
  const master = parseHostPort(address)
  if (master === undefined || !isUsable(master)) {
    return new Fault(
      'is neither a ZooKeeper URL nor the host:port of a master',
      `write it like ${EXAMPLE}`,
    )
  }
  return { kind: 'standalone', master }
}

function readZooKeeper(rest: string): ZkUrl | Fault {
  const slash = rest.indexOf('/')
  const authority = slash === -1 ? rest : rest.slice(0, slash)
  const path = slash === -1 ? '' : rest.slice(slash).replace(/\/+$/, '')
  if (path === '') {
    return new Fault(
      'names no znode',
      `end it with the path that the masters use, usually /mesos: ${EXAMPLE}`,
    )
  }
  if (path.includes('//'))
    return new Fault('has an empty part in its path', `write it like ${EXAMPLE}`)

  const at = authority.lastIndexOf('@')
  const auth = at === -1 ? undefined : readAuth(authority.slice(0, at))
  if (auth instanceof Fault) return auth

  const hosts = new Map<string, HostPort>()
  for (const [i, part] of authority
    .slice(at + 1)
    .split(',')
    .entries()) {
    const host = parseHostPort(part.trim(), ZOOKEEPER_PORT)
    if (host === undefined || !isUsable(host)) {
      // The part itself is not quoted: in a mistyped URL it may be a piece of the password.
      return new Fault(`has no valid host[:port] as server ${i + 1}`, `write it like ${EXAMPLE}`)
    }
    hosts.set(formatHostPort(host), host)
  }
  return {
    kind: 'zookeeper',
    hosts: [...hosts.values()],
    path,
    ...(auth === undefined ? {} : { auth }),
  }
}

function readAuth(userinfo: string): { user: string; password: string } | Fault {
  const colon = userinfo.indexOf(':')
  if (colon < 1) {
    return new Fault('has a user without a password', 'write zk://user:password@host:2181/mesos')
  }
  return { user: userinfo.slice(0, colon), password: userinfo.slice(colon + 1) }
}

function isUsable({ host, port }: HostPort): boolean {
  return port > 0 && (isIp(host) || isHostName(host))
}
