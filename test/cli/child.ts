import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
/** The program from source, in worker threads as well. */
const PROGRAM = [
  ...['tsx', join(ROOT, 'test', 'typescript-in-threads.mjs')].flatMap((it) => ['--import', it]),
  join(ROOT, 'src', 'main.ts'),
]

/** The program in a process of its own, which does not outlive the test. */
export function start(t: TestContext, line: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...PROGRAM, ...line], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

export type Child = ReturnType<typeof start>

/** Waits for the end of a process that ends by itself. */
export async function finish(child: Child) {
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
  return { status: child.exitCode, out, err }
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** Writes a configuration file for the time of the test. */
export function configFile(t: TestContext, settings: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-serve-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(settings))
  return file
}

/** Reads the log of a server up to the first line with this message, which it gives; one after another. */
export function logOf(child: Child): (msg: string) => Promise<Record<string, unknown>> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async (msg) => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`the log ended before "${msg}"`)
      const line = JSON.parse(value) as Record<string, unknown>
      if (line['msg'] === msg) return line
    }
  }
}
