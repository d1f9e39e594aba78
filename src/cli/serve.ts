import { type RunningServer, startServer } from '../app.ts'
import { configSource } from '../config/index.ts'
import { createLogger, type LogLevel } from '../log.ts'
import { createNotifier } from '../systemd/index.ts'
import { EXIT } from './exit-status.ts'
import { onHangup, untilSignal } from './signals.ts'
import type { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

export interface ServeOptions {
  readonly config: string | undefined
  readonly logLevel: LogLevel
}

/** Runs the server until SIGINT or SIGTERM, or until it cannot go on; SIGHUP has it read its configuration again. */
export async function serve(
  { config: path, logLevel }: ServeOptions,
  terminal: Terminal,
): Promise<number> {
  const source = configSource({ path, env: terminal.env })
  const { config, warnings } = source.load()
  const log = createLogger(logLevel)
  for (const warning of warnings) log.warn({ ...warning }, 'odd setting in the configuration')
  const notifier = createNotifier(process.env, log)
  const signal = untilSignal(terminal)
  let hangups = 0
  let reload = () => void hangups++
  const ignoreHangups = onHangup(() => reload())
  try {
    const version = packageVersion()
    const server = await startServer({ config, log, version, source, notifier })
    reload = () => void server.reload('signal')
    // What was asked for while it started.
    if (hangups > 0) reload()
    const status = await untilEnd(server, signal, log)
    await server.stop()
    log.info('stopped')
    return status
  } finally {
    ignoreHangups()
    notifier.close()
  }
}

/** Waits for a signal, or for the server to fail; the exit status. */
async function untilEnd(
  server: RunningServer,
  signal: Promise<string>,
  log: ReturnType<typeof createLogger>,
): Promise<number> {
  const end = await Promise.race([signal, server.failed])
  if (end instanceof Error) {
    log.info('stopping')
    return EXIT.FAILURE
  }
  log.info({ signal: end }, 'stopping')
  return EXIT.OK
}
