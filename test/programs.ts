import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { eventually } from './eventually.ts'

/** The programs that tests talk to, each with the Debian package that holds it. */
const PACKAGES = {
  dig: 'dnsutils',
  haproxy: 'haproxy',
  ip: 'iproute2',
  kdig: 'knot-dnsutils',
  openssl: 'openssl',
  'systemd-notify': 'systemd',
  unbound: 'unbound',
} as const

export type ProgramName = keyof typeof PACKAGES

/** Where Debian keeps daemons; a user's PATH may lack it. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin']

function findProgram(name: ProgramName): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

function pathOf(name: ProgramName): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(missing([name]))
  return path
}

function missing(names: readonly ProgramName[]): string {
  const packages = [...new Set(names.map((name) => PACKAGES[name]))]
  return `${names.join(', ')} not found: apt-get install ${packages.join(' ')}`
}

/**
 * Options of a test that runs these programs: it is skipped where one is not installed. In CI nothing
 * may be left out, so there this throws and names the packages to install.
 */
export function needs(...names: readonly ProgramName[]): { readonly skip: string | false } {
  const absent = names.filter((name) => findProgram(name) === undefined)
  if (absent.length === 0) return { skip: false }
  if ((process.env['CI'] ?? '') !== '') throw new Error(missing(absent))
  return { skip: missing(absent) }
}

/** What a program that has ended said. */
export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Far longer than any of them needs: a hang is to end as a failure. */
const RUN_MS = 30_000

/** Runs a program to its end, in the locale and without the settings of the user's home. */
export async function run(name: ProgramName, args: readonly string[]): Promise<Ran> {
  const child = spawn(pathOf(name), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { LC_ALL: 'C', HOME: '/nonexistent' },
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
}

export interface DaemonOptions {
  readonly name: ProgramName
  /** Writes what it needs into its own directory; returns its arguments. It must stay in the foreground. */
  readonly prepare: (directory: string) => readonly string[]
  /** Whether it answers already; a rejection means no. */
  readonly answers: (directory: string) => Promise<boolean>
}

/** A daemon that runs for a test. */
export interface Daemon {
  readonly pid: number
  readonly directory: string
  /** Everything it has written so far, to both streams. */
  output(): string
  /** Ends it by its process id and removes its directory. Safe to call twice. */
  stop(): Promise<void>
}

/** How long a daemon may take to end when asked to, before it is killed. */
const STOP_MS = 5_000

/**
 * Starts a daemon in a new directory and resolves once it answers. Rejects with its output if it ends or
 * stays silent, and then nothing is left. Whatever becomes of the test, it does not outlive this process.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const directory = mkdtempSync(join(tmpdir(), `mesos-ns-${options.name}-`))
  const clear = () => rmSync(directory, { recursive: true, force: true })
  let output = ''
  let child: ReturnType<typeof spawn>
  try {
    child = spawn(pathOf(options.name), options.prepare(directory), {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    clear()
    throw error
  }
  let running = true
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      running = false
      resolve()
    })
  })
  child.once('error', (error) => {
    output += error.message
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const atExit = () => {
    child.kill('SIGKILL')
    clear()
  }
  process.once('exit', atExit)

  const stop = async () => {
    if (running) child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(killer)
    process.off('exit', atExit)
    clear()
  }

  try {
    await eventually(`${options.name} answers`, async () => {
      if (!running) return true
      return options.answers(directory).catch(() => false)
    })
    if (!running) throw new Error(`${options.name} ended`)
  } catch (error) {
    await stop()
    const { message } = error as Error
    throw new Error(`${message}; ${options.name} said:\n${output}`, { cause: error })
  }
  return { pid: child.pid ?? 0, directory, output: () => output, stop }
}

/** A port of 127.0.0.1 that a moment ago nobody had, over TCP and UDP. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const isFree = await canBindUdp(port)
    server.close()
    await once(server, 'close')
    if (isFree) return port
  }
}

async function canBindUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
