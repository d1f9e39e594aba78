import { lookup as systemLookup } from 'node:dns/promises'
import { LRUCache } from 'lru-cache'
import { canonicalIp, type HostPort, isIp } from '../net/address.ts'
import type { ClusterState } from './model.ts'

/** Addresses of a host name, in the order of the system resolver; rejects if there are none. */
export type Lookup = (name: string) => Promise<readonly string[]>

export interface HostResolver {
  /**
   * Addresses of each name: fresh ones from the cache, others looked up, and where that fails or takes
   * too long the last good ones. Names never resolved are not in the map. Never rejects, and settles
   * within the budget whatever the system resolver does.
   */
  resolve(names: Iterable<string>): Promise<ReadonlyMap<string, readonly string[]>>
}

export interface HostResolverOptions {
  readonly lookup?: Lookup
  /** How long an answer is fresh. */
  readonly ttlMs?: number
  /** How long one lookup may take. */
  readonly timeoutMs?: number
  /** How long one call of resolve may take, however many names there are. */
  readonly budgetMs?: number
  /** Lookups at once: the system resolver blocks a thread of libuv's small pool for each. */
  readonly concurrency?: number
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
}

const MAX_NAMES = 10_000

/** All addresses the system resolver (hosts file, resolv.conf) gives, IPv4 and IPv6. */
export const lookupWithSystem: Lookup = async (name) => {
  const found = await systemLookup(name, { all: true, order: 'verbatim' })
  // A scope (`fe80::1%eth0`) means nothing to the clients of our records.
  const addresses = found.flatMap(({ address }) => canonicalIp(address) ?? [])
  return [...new Set(addresses)]
}

/** A resolver with a cache that keeps the last good answer of every name for when a lookup fails. */
export function createHostResolver(options: HostResolverOptions = {}): HostResolver {
  const { lookup = lookupWithSystem, ttlMs = 60_000, timeoutMs = 2_000 } = options
  const { budgetMs = 4_000, concurrency = 8, now = () => performance.now() } = options
  const cache = new LRUCache<string, readonly string[]>({
    max: MAX_NAMES,
    ttl: ttlMs,
    ttlResolution: 0,
    allowStale: true,
    noDeleteOnStaleGet: true,
    perf: { now },
  })
  // One lookup per name at a time: one that hangs must not gather company at every poll.
  const running = new Map<string, Promise<void>>()

  async function refresh(name: string): Promise<void> {
    try {
      const addresses = await lookup(name)
      if (addresses.length > 0) cache.set(name, addresses)
    } catch {
      // The last good answer stays; a name without one is reported where its records are missed.
    }
  }

  function start(name: string): Promise<void> {
    const underWay = running.get(name)
    if (underWay !== undefined) return underWay
    const begun = refresh(name).finally(() => running.delete(name))
    running.set(name, begun)
    return begun
  }

  async function refreshAll(names: readonly string[]): Promise<void> {
    const budget = timer(budgetMs)
    const queue = names.values()
    const worker = async () => {
      for (const name of queue) {
        const limit = timer(timeoutMs)
        await Promise.race([start(name), limit.expiry, budget.expiry])
        limit.cancel()
        if (budget.expired()) return
      }
    }
    await Promise.all(Array.from({ length: Math.min(concurrency, names.length) }, worker))
    budget.cancel()
  }

  return {
    async resolve(names) {
      const wanted = [...new Set(names)]
      await refreshAll(wanted.filter((name) => !isIp(name) && cache.getRemainingTTL(name) <= 0))
      const addresses = new Map<string, readonly string[]>()
      for (const name of wanted) {
        const known = isIp(name) ? [name] : cache.get(name)
        if (known !== undefined) addresses.set(name, known)
      }
      return addresses
    },
  }
}

function timer(ms: number) {
  let handle: NodeJS.Timeout | undefined
  let expired = false
  const expiry = new Promise<void>((resolve) => {
    handle = setTimeout(() => {
      expired = true
      resolve()
    }, ms)
  })
  return { expiry, expired: () => expired, cancel: () => clearTimeout(handle) }
}

/**
 * The host names whose addresses become records: in agents' and frameworks' pids, in the hostname of a
 * framework without a pid, and of the masters and the leader.
 */
export function hostsToResolve(state: ClusterState, masters: readonly HostPort[]): string[] {
  const hosts = new Set<string>()
  for (const agent of state.agents.values()) hosts.add(agent.pid.host)
  for (const { pid, hostname } of state.frameworks) hosts.add(pid?.host ?? hostname)
  for (const master of masters) hosts.add(master.host)
  if (state.leader !== undefined) hosts.add(state.leader.host)
  hosts.delete('')
  return [...hosts].filter((host) => !isIp(host))
}
