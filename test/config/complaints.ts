import { ConfigError, formatIssue, type ParseOptions, parseConfig } from '../../src/config/index.ts'

/** What a configuration is refused for, a line for each fault; nothing if it loads. */
export function complaints(text: string, options: ParseOptions = {}): string[] {
  try {
    parseConfig(text, options)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.issues.map(formatIssue)
  }
}

/** What a configuration that loads is warned of. */
export function warnings(text: string, options: ParseOptions = {}): string[] {
  return parseConfig(text, options).warnings.map(formatIssue)
}

/** A file that names one master and has these other settings. */
export function fileWith(settings: Record<string, unknown>): string {
  return JSON.stringify({ masters: ['10.0.0.1:5050'], ...settings })
}
