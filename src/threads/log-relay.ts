import { format } from 'node:util'
import type { Logger, LogLevel } from '../log.ts'
import { type PlainError, plainError, revivedError } from './plain-error.ts'

const WEIGHT: Readonly<Record<LogLevel, number>> = {
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
}

type LineLevel = Exclude<LogLevel, 'silent'>

/** A line of a thread's log on its way to the control thread, which writes them all. */
export interface LogMessage {
  readonly kind: 'log'
  readonly level: LineLevel
  /** None if the line has fields only. */
  readonly message: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
  /** Fields that are errors. */
  readonly errors: Readonly<Record<string, PlainError>>
}

/**
 * A logger for a thread: hands its lines to `post`, and only those that the level lets through. The
 * program writes its log in one place, in one order, and threads need no logging library.
 */
export function relayLogger(level: LogLevel, post: (line: LogMessage) => void): Logger {
  const write =
    (lineLevel: LineLevel) =>
    (first: unknown, ...rest: readonly unknown[]): void => {
      if (WEIGHT[lineLevel] < (WEIGHT[logger.level as LogLevel] ?? 0)) return
      const { fields, texts } = partsOf(first, rest)
      const errors: Record<string, PlainError> = {}
      const others: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(fields)) {
        if (value instanceof Error) errors[key] = plainError(value)
        else others[key] = value
      }
      const message = texts.length === 0 ? undefined : format(...texts)
      const line = { kind: 'log', level: lineLevel, message, fields: others, errors } as const
      try {
        post(line)
      } catch {
        // Something that no message can carry, such as a function; JSON leaves it out.
        post({ ...line, fields: JSON.parse(JSON.stringify(others)) as Record<string, unknown> })
      }
    }
  const logger: Logger = {
    level,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  }
  return logger
}

/** The three ways to call a logger: with fields and a text, with an error and a text, with a text. */
function partsOf(first: unknown, rest: readonly unknown[]) {
  if (first instanceof Error) {
    return { fields: { err: first }, texts: rest.length === 0 ? [first.message] : rest }
  }
  if (typeof first === 'object' && first !== null) return { fields: first, texts: rest }
  return { fields: {}, texts: [first, ...rest] }
}

/** Writes a thread's line; `context` are fields that say which thread it was, if that matters. */
export function writeRelayed(
  log: Logger,
  { level, message, fields, errors }: LogMessage,
  context: Readonly<Record<string, unknown>> = {},
): void {
  const revived = Object.entries(errors).map(([key, error]) => [key, revivedError(error)])
  log[level]({ ...context, ...fields, ...Object.fromEntries(revived) }, message)
}
