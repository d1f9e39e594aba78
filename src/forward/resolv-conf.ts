import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Logger } from '../log.ts'
import { canonicalIp, formatHostPort, type HostPort } from '../net/address.ts'
import { withoutScope } from './acl.ts'

const RECHECK_MS = 5_000
const DNS_PORT = 53

/** What to look at, replaceable in tests. */
export interface ResolvConfSources {
  /** Text of the file; throws if it cannot be read. */
  readonly read: () => string
  /** This host's addresses: a nameserver among them would be ourselves. */
  readonly ownAddresses: () => readonly string[]
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly log: Logger
}

/**
 * The nameservers of this host's resolv.conf that are not this host. Read again, when asked, if the last
 * look is five seconds old; a file that cannot be read leaves the last good list in place.
 */
export class ResolvConf {
  readonly #sources: ResolvConfSources
  #checkedAt = Number.NEGATIVE_INFINITY
  #servers: readonly HostPort[] = []
  /** What was last logged: a list or a failure, so that each is said once. */
  #said: string | undefined

  constructor(sources: ResolvConfSources) {
    this.#sources = sources
  }

  /** In the file's order, possibly none. The same array as long as nothing changed. */
  nameservers(): readonly HostPort[] {
    const { now, read, ownAddresses } = this.#sources
    const at = now()
    if (at - this.#checkedAt < RECHECK_MS) return this.#servers
    this.#checkedAt = at
    try {
      this.#take(withoutOwn(parseNameservers(read()), ownAddresses()))
    } catch (error) {
      this.#warnUnreadable(error)
    }
    return this.#servers
  }

  #take(hosts: readonly string[]): void {
    const servers = hosts.map((host) => ({ host, port: DNS_PORT }))
    const names = servers.map(formatHostPort)
    if (names.join() !== this.#servers.map(formatHostPort).join()) this.#servers = servers
    if (!this.#isNew(names.join())) return
    if (names.length > 0)
      this.#sources.log.info({ resolvers: names }, 'resolvers taken from resolv.conf')
    else
      this.#sources.log.warn('resolv.conf names no resolver but this host, other names are refused')
  }

  #warnUnreadable(error: unknown): void {
    if (!this.#isNew(String(error))) return
    this.#sources.log.warn(
      { err: error, resolvers: this.#servers.map(formatHostPort) },
      'resolv.conf cannot be read, keeping the resolvers known so far',
    )
  }

  #isNew(text: string): boolean {
    if (text === this.#said) return false
    this.#said = text
    return true
  }
}

/**
 * Addresses of the `nameserver` lines, each once, in order. Everything else is skipped: comments, other
 * directives, host names. A scope (`fe80::1%eth0`) is part of the address.
 */
export function parseNameservers(text: string): string[] {
  const addresses = new Set<string>()
  for (const line of text.split('\n')) {
    const [keyword, address = ''] = line.trim().split(/\s+/)
    if (keyword !== 'nameserver' || isIP(address) === 0) continue
    addresses.add(canonicalIp(address) ?? address)
  }
  return [...addresses]
}

/** Without this host's own addresses; the unspecified ones mean this host too. */
function withoutOwn(addresses: readonly string[], own: readonly string[]): string[] {
  const ours = new Set(['0.0.0.0', '::', ...own].map(comparable))
  return addresses.filter((address) => !ours.has(comparable(address)))
}

function comparable(address: string): string {
  const bare = withoutScope(address)
  return canonicalIp(bare) ?? bare
}

export function readResolvConfFile(): string {
  return readFileSync('/etc/resolv.conf', 'utf8')
}
