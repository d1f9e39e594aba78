import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/**
 * The program to measure: as users run it, built from this tree, unless another is named. Throws if that is
 * not there or this tree does not build.
 */
export function buildMain(main: string | undefined): string {
  if (main !== undefined) {
    if (!existsSync(main)) throw new RangeError(`--main ${main}: there is no such file`)
    return resolve(main)
  }
  const { status, stdout } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`npm run build failed: ${stdout}`)
  return join(ROOT, 'dist', 'main.js')
}
