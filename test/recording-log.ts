import { pino } from 'pino'
import type { Logger } from '../src/log.ts'

/** One line of a log: its level, its message, and the other fields. */
export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A logger that keeps its lines, as they would have been written. */
export function recordingLog(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const log = pino(
    {
      level: 'debug',
      base: null,
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(text: string) {
        const { level, msg, ...fields } = JSON.parse(text)
        lines.push({ level, message: msg, fields })
      },
    },
  )
  return { log, lines }
}
