import { LOG_LEVELS, type LogLevel } from '../log.ts'
import { UsageError } from './errors.ts'

/** What a command may touch of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes text as it is. */
  out(text: string): void
  /** Writes one message, with the program's name in front of it. */
  complain(message: string): void
}

export function processTerminal(): Terminal {
  return {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    complain: (message) => void process.stderr.write(`mesos-ns: ${message}\n`),
  }
}

/** `--log-level`, else MESOS_NS_LOG_LEVEL, else the command's own default. */
export function chooseLogLevel(
  flag: string | undefined,
  env: Terminal['env'],
  otherwise: LogLevel,
): LogLevel {
  const wanted = flag ?? env['MESOS_NS_LOG_LEVEL']
  if (wanted === undefined) return otherwise
  const level = LOG_LEVELS.find((name) => name === wanted)
  if (level !== undefined) return level
  const list = LOG_LEVELS.join(', ')
  throw new UsageError(`MESOS_NS_LOG_LEVEL is ${JSON.stringify(wanted)}; use one of ${list}`)
}
