import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { hasSettings } from './env.ts'
import { type ReadFile, reasonOf } from './files.ts'
import { ConfigError } from './issue.ts'
import { type LoadedConfig, parseConfig } from './parse.ts'

/** What Mesos-DNS reads if it is told nothing else. */
const DEFAULT_PATH = 'config.json'

export interface LoadOptions {
  /** The file, `~/` being the home directory. Default: config.json in the working directory. */
  readonly path?: string | undefined
  /** `HOME`, and `MESOS_NS_…` for single settings. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Default: node:fs. */
  readonly read?: ReadFile
}

/**
 * Reads and validates the configuration, and the files that it names. Where no path is given and there
 * is no config.json, the environment alone will do. Throws a ConfigError with all that is wrong.
 */
export function loadConfig({ path, env, read = readText }: LoadOptions): LoadedConfig {
  const file = resolve(expandHome(path ?? DEFAULT_PATH, env))
  let text: string
  try {
    text = read(file)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing && path === undefined && hasSettings(env)) return parseConfig('{}', { env, read })
    const fix = missing
      ? 'name one with --config FILE; config.example.json shows what goes into it'
      : 'check the path and who may read it'
    const message = missing
      ? 'there is no configuration file'
      : `cannot be read: ${reasonOf(error)}`
    throw new ConfigError([{ where: file, path: '', value: undefined, message, fix }], {
      cause: error,
    })
  }
  return parseConfig(text, { file, env, read })
}

/** The text of a file, in UTF-8; throws as node:fs does. */
export function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

/** The first `~/` is the home directory; like Mesos-DNS, of both variables the second one wins. */
function expandHome(path: string, env: LoadOptions['env']): string {
  const home = env['USERPROFILE'] || env['HOME'] || '.'
  return path.replace('~/', () => `${home}/`)
}
