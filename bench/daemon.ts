import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a process may take to end when asked to, before it is killed. */
const STOP_MS = 5_000
const PAUSE_MS = 50

export interface DaemonOptions {
  /** What it is called in messages. */
  readonly name: string
  readonly program: string
  /** It must stay in the foreground. */
  readonly args: readonly string[]
  /** Its working directory. */
  readonly folder: string
  /** Whether it is ready; a rejection means no. */
  readonly ready: () => Promise<boolean>
  /** How long it may take to become ready. */
  readonly timeoutMs: number
}

/** A process that runs in the background. */
export interface Daemon {
  readonly pid: number
  /** Ends it by its process id. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts a process and resolves once it is ready. Rejects with its output if it ends or takes too long, and then it
 * does not run any more. It does not outlive this process either.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { name, program, args, folder, ready, timeoutMs } = options
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = lastOutput(child)
  const stop = stopper(child)
  try {
    for (const deadline = performance.now() + timeoutMs; ; ) {
      if (hasEnded(child)) throw new Error(`${name} ended`)
      if (await ready().catch(() => false)) return { pid: child.pid ?? 0, stop }
      if (performance.now() > deadline) throw new Error(`${name} is not ready in time`)
      await sleep(PAUSE_MS)
    }
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}; it said:\n${output()}`, { cause: error })
  }
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null
}

/** The end of what it writes, kept for messages. */
function lastOutput(child: ChildProcess): () => string {
  let output = ''
  child.once('error', (error) => {
    output += error.message
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-4096)
    })
  }
  return () => output
}

/** A function that ends the process, first by asking; it is killed at once when this process ends. */
export function stopper(child: ChildProcess): () => Promise<void> {
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  const ended = new Promise<void>((resolve) => {
    child.once('close', resolve)
    child.once('error', () => child.pid === undefined && resolve())
  })
  return async () => {
    if (!hasEnded(child)) child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(killer)
    process.off('exit', atExit)
  }
}
