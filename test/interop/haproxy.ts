import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Daemon, startDaemon } from '../programs.ts'

/** A server of a backend as `show servers state` tells it. */
export interface ServerState {
  /** Its slot: `web1`, … */
  readonly slot: string
  readonly address: string
  readonly port: number
  /** Whether traffic goes to it. */
  readonly isUp: boolean
}

/** A real HAProxy that listens on unix sockets in its directory only. */
export interface Haproxy extends Daemon {
  /** Where the frontend of that name listens. */
  socketOf(frontend: string): string
  /** Answer of the statistics socket to a command. */
  command(line: string): Promise<string>
  servers(backend: string): Promise<ServerState[]>
  /** Counters of the only name server of a `resolvers` section: sent, valid, truncated, … */
  resolverCounters(section: string): Promise<ReadonlyMap<string, number>>
}

const STATS_SOCKET = 'stats.sock'
/** Operational state of `show servers state`. */
const RUNNING = 2
/** Administrative state: any kind of maintenance or draining; 32 of them is "has no address". */
const OUT_OF_USE = 0x3f

/** Starts one with a configuration that depends on where it may keep its sockets. */
export async function startHaproxy(
  configuration: (socketOf: Haproxy['socketOf']) => string,
): Promise<Haproxy> {
  const socketIn = (directory: string, frontend: string) => join(directory, `${frontend}.sock`)
  const daemon = await startDaemon({
    name: 'haproxy',
    prepare: (directory) => {
      const path = join(directory, 'haproxy.cfg')
      const global = `global\n  stats socket ${join(directory, STATS_SOCKET)} level admin\n\n`
      writeFileSync(path, global + configuration((frontend) => socketIn(directory, frontend)))
      return ['-db', '-f', path]
    },
    answers: async (directory) => (await ask(directory, 'show info')).includes('Pid:'),
  })
  const { directory } = daemon
  const command = (line: string) => ask(directory, line)
  return {
    ...daemon,
    socketOf: (frontend) => socketIn(directory, frontend),
    command,
    servers: async (backend) => parseServers(await command(`show servers state ${backend}`)),
    resolverCounters: async (section) => parseCounters(await command(`show resolvers ${section}`)),
  }
}

function ask(directory: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(join(directory, STATS_SOCKET), () => socket.end(`${line}\n`))
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

/** The second line names the columns, those after it are servers. */
function parseServers(text: string): ServerState[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '' && line !== '1')
  const columns = header.replace(/^# /, '').split(' ')
  return lines.map((line) => {
    const values = line.split(' ')
    const value = (column: string) => values[columns.indexOf(column)] ?? ''
    return {
      slot: value('srv_name'),
      address: value('srv_addr'),
      port: Number(value('srv_port')),
      isUp:
        Number(value('srv_op_state')) === RUNNING &&
        (Number(value('srv_admin_state')) & OUT_OF_USE) === 0,
    }
  })
}

function parseCounters(text: string): ReadonlyMap<string, number> {
  return new Map(
    [...text.matchAll(/^\s*(\w+):\s+(\d+)$/gm)].map(([, name = '', n]) => [name, Number(n)]),
  )
}
