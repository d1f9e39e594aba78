import { startServer } from '../app.ts'
import { loadConfig } from '../config/index.ts'
import { createLogger, type LogLevel } from '../log.ts'
import { EXIT } from './exit-status.ts'
import { untilSignal } from './signals.ts'
import type { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

export interface ServeOptions {
  readonly config: string | undefined
  readonly logLevel: LogLevel
}

/** Runs the server until SIGINT or SIGTERM. */
export async function serve(
  { config: path, logLevel }: ServeOptions,
  terminal: Terminal,
): Promise<number> {
  const { config, warnings } = loadConfig({ path, env: terminal.env })
  const log = createLogger(logLevel)
  for (const warning of warnings) log.warn({ ...warning }, 'odd setting in the configuration')
  const signal = untilSignal(terminal)
  const server = await startServer({ config, log, version: packageVersion() })
  log.info({ signal: await signal }, 'stopping')
  await server.stop()
  log.info('stopped')
  return EXIT.OK
}
