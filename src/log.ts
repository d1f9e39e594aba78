import { type Logger as PinoLogger, pino } from 'pino'

/** Structured logger; every part of the server takes one instead of importing a global. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'>

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const SECRETS = ['secret', 'cookieSecret', 'authorization', 'token']
const REDACTED = SECRETS.flatMap((key) => [key, `*.${key}`])

/** JSON lines on stdout, written synchronously so that the last line before an exit is never lost. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '***' },
    },
    pino.destination({ dest: 1, sync: true }),
  )
}

/** A logger that says nothing, for tests and offline commands. */
export const silentLogger: Logger = pino({ level: 'silent' })
