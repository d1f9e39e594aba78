import { spawnSync } from 'node:child_process'
import { needs } from '../programs.ts'

/** A network namespace with one address, reached through the hub. */
export interface Island {
  readonly namespace: string
  readonly address: string
}

/**
 * Network namespaces that see each other, and the network of the tests, through a router in a namespace
 * of its own. What is cut off there gets no packet and no word that there is none, as with a broken switch
 * or a firewall that drops: nothing is refused.
 */
export class Islands {
  readonly all: readonly Island[]
  readonly #hub: string
  readonly #home: string
  readonly #router: string
  /** Of the tests. */
  readonly #address: string

  constructor(count: number) {
    const id = process.pid
    // 198.18.0.0/15 is for tests of networks (RFC 2544); a piece of it for each process of a test.
    const net = `198.${18 + (id % 2)}.${(id >> 1) % 256}`
    this.#hub = `mns-hub-${id}`
    this.#home = `mns-${id}`.slice(0, 15) // the longest name of an interface
    this.#router = `${net}.254`
    this.#address = `${net}.253`
    this.all = Array.from({ length: count }, (_, i) => ({
      namespace: `mns-${id}-${i + 1}`,
      address: `${net}.${i + 1}`,
    }))
    ip(`netns add ${this.#hub}`)
    try {
      this.#build(`${net}.0/24`)
    } catch (error) {
      this.remove()
      throw error
    }
  }

  #build(net: string): void {
    ip(`-n ${this.#hub} link set lo up`)
    // Needs no sysctl program.
    ip(`netns exec ${this.#hub} sh -c`, 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    for (const island of this.all) {
      const { namespace, address } = island
      ip(`netns add ${namespace}`)
      ip(`-n ${namespace} link set lo up`)
      ip(`-n ${this.#hub} link add ${portOf(island)} type veth peer name uplink netns ${namespace}`)
      ip(`-n ${namespace} address add ${address}/32 dev uplink`)
      ip(`-n ${namespace} link set uplink up`)
      ip(`-n ${namespace} route add ${this.#router} dev uplink`)
      ip(`-n ${namespace} route add default via ${this.#router}`)
      this.#attach(portOf(island), address)
    }
    ip(`link add ${this.#home} type veth peer name home netns ${this.#hub}`)
    ip(`address add ${this.#address}/32 dev ${this.#home}`)
    ip(`link set ${this.#home} up`)
    ip(`route add ${this.#router} dev ${this.#home}`)
    ip(`route add ${net} via ${this.#router} src ${this.#address}`)
    this.#attach('home', this.#address)
  }

  #attach(port: string, address: string): void {
    ip(`-n ${this.#hub} address add ${this.#router}/32 dev ${port}`)
    ip(`-n ${this.#hub} link set ${port} up`)
    ip(`-n ${this.#hub} route add ${address} dev ${port}`)
  }

  /** From now on nothing reaches the island. */
  cutOff({ address }: Island): void {
    ip(`-n ${this.#hub} route replace blackhole ${address}`)
  }

  heal(island: Island): void {
    ip(`-n ${this.#hub} route replace ${island.address} dev ${portOf(island)}`)
  }

  /** From now on nothing reaches the tests. */
  cutOffHome(): void {
    ip(`-n ${this.#hub} route replace blackhole ${this.#address}`)
  }

  healHome(): void {
    ip(`-n ${this.#hub} route replace ${this.#address} dev home`)
  }

  /** From now on nothing that another island sends reaches this one; what the tests send does. */
  isolate(island: Island): void {
    for (const other of this.all) {
      if (other !== island) ip(`-n ${other.namespace} route replace blackhole ${island.address}`)
    }
  }

  rejoin(island: Island): void {
    for (const other of this.all) {
      if (other !== island) ip(`-n ${other.namespace} route delete blackhole ${island.address}`)
    }
  }

  /** Whoever runs in them must have ended. */
  remove(): void {
    for (const { namespace } of this.all) attempt(`netns delete ${namespace}`)
    // Namespaces go away later, and what they hold with them; the next test is not to meet it.
    attempt(`link delete ${this.#home}`)
    attempt(`netns delete ${this.#hub}`)
  }
}

/** For `skip`: why there can be none here. */
export function needsIslands(): string | false {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  const { skip } = needs('ip')
  if (skip !== false) return skip
  const probe = `mns-probe-${process.pid}`
  if (!attempt(`netns add ${probe}`))
    return 'takes the right to make network namespaces (run as root)'
  attempt(`netns delete ${probe}`)
  return false
}

function portOf({ address }: Island): string {
  return `to-${address.split('.').at(-1)}`
}

function ip(words: string, ...more: readonly string[]): void {
  const args = [...words.split(' '), ...more]
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
}

function attempt(words: string): boolean {
  return spawnSync('ip', words.split(' '), { stdio: 'ignore' }).status === 0
}
