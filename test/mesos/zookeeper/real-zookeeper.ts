import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

// The manifest of the first leaves a part of Netty out, which TLS needs.
const JARS = ['zookeeper.jar', 'slf4j-simple.jar', 'netty-codec.jar'].map(
  (jar) => `/usr/share/java/${jar}`,
)
const TICK_MS = 200

/** Why there is no ZooKeeper to test with, or undefined if there is. */
export function zookeeperMissing(): string | undefined {
  return JARS.every((jar) => existsSync(jar)) && existsSync('/usr/bin/java')
    ? undefined
    : 'install the package zookeeper to test against a real server'
}

/** Where a member of an ensemble is found. */
export interface Member {
  readonly host: string
  readonly client: number
  readonly quorum: number
  readonly election: number
  /** Network namespace that it runs in; none: that of the tests. */
  readonly namespace?: string
}

export interface ServerOptions {
  /** More lines of its configuration. */
  readonly lines?: readonly string[]
  /** More flags of its Java machine. */
  readonly flags?: readonly string[]
}

/** One real ZooKeeper server, whose data outlive a restart. */
export class ZookeeperServer {
  readonly host: string
  readonly port: number
  readonly #id: number
  readonly #namespace: string | undefined
  readonly #flags: readonly string[]
  readonly #config: string
  readonly #directory: string
  #process: ChildProcess | undefined
  #output = ''

  constructor(id: number, ensemble: readonly Member[], { lines = [], flags = [] }: ServerOptions) {
    const member = ensemble[id]
    if (member === undefined)
      throw new Error(`no server ${id} in an ensemble of ${ensemble.length}`)
    this.host = member.host
    this.port = member.client
    this.#id = id
    this.#namespace = member.namespace
    this.#flags = flags
    this.#directory = mkdtempSync(join(tmpdir(), 'mesos-ns-zookeeper-'))
    this.#config = join(this.#directory, 'zoo.cfg')
    writeFileSync(this.#config, configuration(this.#directory, member, ensemble, lines))
    this.wipe()
  }

  /** Forgets all data; not while it runs. */
  wipe(): void {
    const data = join(this.#directory, 'data')
    rmSync(data, { recursive: true, force: true })
    mkdirSync(data)
    writeFileSync(join(data, 'myid'), String(this.#id))
  }

  start(): void {
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    const flags = ['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...this.#flags]
    const java = ['java', ...flags, '-cp', JARS.join(':'), main, this.#config]
    // Becomes the program that it starts, so the process is the server's own.
    const within = this.#namespace === undefined ? [] : ['ip', 'netns', 'exec', this.#namespace]
    const [program = '', ...args] = [...within, ...java]
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-4000)
    })
    this.#process = child
    // Whatever becomes of the test, it does not outlive this process.
    const atExit = () => child.kill('SIGKILL')
    process.once('exit', atExit)
    child.once('exit', () => process.off('exit', atExit))
  }

  /** Resolves once the server accepts sessions, that is, has a quorum. */
  async ready(): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if ((await this.mode()) !== undefined) return
      await sleep(100)
    }
    throw new Error(`zookeeper on port ${this.port} did not come up:\n${this.#output}`)
  }

  /** What it is to the ensemble at the moment. */
  async mode(): Promise<'leader' | 'follower' | 'standalone' | undefined> {
    const mode = /Mode: (\w+)/.exec(await this.#ask('srvr'))?.[1]
    return mode === 'leader' || mode === 'follower' || mode === 'standalone' ? mode : undefined
  }

  kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  }

  /** Stops or goes on with the process as it is: connections stay, nothing is answered. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal)
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** Answer to a four-letter word; empty if there is none. */
  #ask(word: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = ''
      const socket = connect(this.port, this.host, () => socket.write(word))
      socket.setTimeout(1000, () => socket.destroy())
      socket.on('data', (chunk) => {
        answer += chunk.toString()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(answer))
    })
  }
}

/** Servers on the loopback that know each other, not started yet. */
export async function zookeeperEnsemble(
  size: number,
  options: ServerOptions = {},
): Promise<ZookeeperServer[]> {
  const ports = await freePorts(size * 3)
  const ensemble = Array.from({ length: size }, (_, i) => {
    const [client = 0, quorum = 0, election = 0] = ports.slice(i * 3)
    return { host: '127.0.0.1', client, quorum, election }
  })
  return ensembleOf(ensemble, options)
}

/** The servers of an ensemble, not started yet. */
export function ensembleOf(
  members: readonly Member[],
  options: ServerOptions = {},
): ZookeeperServer[] {
  return members.map((_, id) => new ZookeeperServer(id, members, options))
}

function configuration(
  directory: string,
  { host, client }: Member,
  ensemble: readonly Member[],
  more: readonly string[],
): string {
  const lines = [
    `tickTime=${TICK_MS}`,
    `dataDir=${join(directory, 'data')}`,
    `clientPort=${client}`,
    `clientPortAddress=${host}`,
    'initLimit=50',
    'syncLimit=10',
    'admin.enableServer=false',
    'forceSync=no',
    '4lw.commands.whitelist=srvr',
    ...more,
  ]
  if (ensemble.length > 1) {
    for (const [id, { host, quorum, election }] of ensemble.entries()) {
      lines.push(`server.${id}=${host}:${quorum}:${election}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** Ports that nobody listened on a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(address !== null && typeof address === 'object' ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
