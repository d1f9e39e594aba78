import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const JARS = ['zookeeper.jar', 'slf4j-simple.jar'].map((jar) => `/usr/share/java/${jar}`)
const TICK_MS = 200

/** Why there is no ZooKeeper to test with, or undefined if there is. */
export function zookeeperMissing(): string | undefined {
  return JARS.every((jar) => existsSync(jar)) && existsSync('/usr/bin/java')
    ? undefined
    : 'install the package zookeeper to test against a real server'
}

interface Ports {
  readonly client: number
  readonly quorum: number
  readonly election: number
}

/** One real ZooKeeper server on the loopback, whose data outlive a restart. */
export class ZookeeperServer {
  readonly port: number
  readonly #config: string
  readonly #directory: string
  #process: ChildProcess | undefined
  #output = ''

  constructor(id: number, ensemble: readonly Ports[]) {
    const ports = ensemble[id]
    if (ports === undefined) throw new Error(`no server ${id} in an ensemble of ${ensemble.length}`)
    this.port = ports.client
    this.#directory = mkdtempSync(join(tmpdir(), 'mesos-ns-zookeeper-'))
    mkdirSync(join(this.#directory, 'data'))
    writeFileSync(join(this.#directory, 'data', 'myid'), String(id))
    this.#config = join(this.#directory, 'zoo.cfg')
    writeFileSync(this.#config, configuration(this.#directory, ports.client, ensemble))
  }

  start(): void {
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    const flags = ['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
    const child = spawn('java', [...flags, '-cp', JARS.join(':'), main, this.#config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-4000)
    })
    this.#process = child
  }

  /** Resolves once the server accepts sessions, that is, has a quorum. */
  async ready(): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if ((await this.#ask('srvr')).includes('Mode: ')) return
      await sleep(100)
    }
    throw new Error(`zookeeper on port ${this.port} did not come up:\n${this.#output}`)
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
      const socket = connect(this.port, '127.0.0.1', () => socket.write(word))
      socket.setTimeout(1000, () => socket.destroy())
      socket.on('data', (chunk) => {
        answer += chunk.toString()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(answer))
    })
  }
}

/** Servers that know each other, not started yet. */
export async function zookeeperEnsemble(size: number): Promise<ZookeeperServer[]> {
  const ports = await freePorts(size * 3)
  const ensemble = Array.from({ length: size }, (_, i) => {
    const [client = 0, quorum = 0, election = 0] = ports.slice(i * 3)
    return { client, quorum, election }
  })
  return ensemble.map((_, id) => new ZookeeperServer(id, ensemble))
}

function configuration(directory: string, clientPort: number, ensemble: readonly Ports[]): string {
  const lines = [
    `tickTime=${TICK_MS}`,
    `dataDir=${join(directory, 'data')}`,
    `clientPort=${clientPort}`,
    'clientPortAddress=127.0.0.1',
    'initLimit=50',
    'syncLimit=10',
    'admin.enableServer=false',
    'forceSync=no',
    '4lw.commands.whitelist=srvr',
  ]
  if (ensemble.length > 1) {
    for (const [id, { quorum, election }] of ensemble.entries()) {
      lines.push(`server.${id}=127.0.0.1:${quorum}:${election}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** Ports that nobody listened on a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
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
