import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathOf } from './programs.ts'

/** A folder below the system's temporary one that is removed with everything in it. */
export interface Workspace {
  readonly path: string
  /** Makes a folder of a new name below it. */
  folder(name: string): string
  remove(): void
}

/** Removed when asked to, or at the latest when the process ends. */
export function createWorkspace(): Workspace {
  const path = mkdtempSync(join(tmpdir(), 'mesos-ns-bench-'))
  let folders = 0
  const remove = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path,
    folder: (name) => {
      const folder = join(path, `${++folders}-${name}`)
      mkdirSync(folder)
      return folder
    },
    remove: () => {
      remove()
      process.off('exit', remove)
    },
  }
}

/** Compiles a C file of this folder; returns the program's path. Throws with the compiler's words. */
export function compile(source: string, folder: string): string {
  const program = join(folder, basename(source, '.c'))
  const from = join(import.meta.dirname, source)
  const { status, stderr } = spawnSync(pathOf('cc'), ['-O2', '-o', program, from], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${source} does not compile: ${stderr}`)
  return program
}
