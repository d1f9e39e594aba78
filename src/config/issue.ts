import { MesosNsError } from '../errors.ts'
import { redactUserinfo } from './redact-url.ts'

/** What is wrong with one value, and what to write instead. */
export class Fault {
  readonly message: string
  readonly fix: string

  constructor(message: string, fix: string) {
    this.message = message
    this.fix = fix
  }
}

/** A fault, or something to be warned of, at its place. Holds no secret: they are masked on the way in. */
export interface ConfigIssue {
  /** `/etc/mesos-ns/config.json:3:12`, the file alone where no line is to blame, or `environment`. */
  readonly where: string
  /** The key as its author spelled it: `Resolvers[1]`, `zoneResolvers["a.com"]`, `MESOS_NS_PORT`. */
  readonly path: string
  /** The offending value, secrets masked; undefined where there is none to show. */
  readonly value: unknown
  readonly message: string
  readonly fix: string
}

interface ConfigErrorOptions extends ErrorOptions {
  readonly warnings?: readonly ConfigIssue[]
}

/**
 * Every fault of a configuration at once; the message has one line for each, and then one for each
 * warning, since a misspelled key is often why something else is missing.
 */
export class ConfigError extends MesosNsError {
  readonly issues: readonly ConfigIssue[]
  readonly warnings: readonly ConfigIssue[]

  constructor(issues: readonly ConfigIssue[], options: ConfigErrorOptions = {}) {
    const { warnings = [] } = options
    const lines = [
      ...issues.map(formatIssue),
      ...warnings.map((warning) => `warning: ${formatIssue(warning)}`),
    ]
    super('MESOS_NS_CONFIG', lines.join('\n'), options)
    this.issues = issues
    this.warnings = warnings
  }
}

/** `config.json:3:12: refreshSeconds = 0: must be at least 1; use a whole number from 1 to …`. */
export function formatIssue({ where, path, value, message, fix }: ConfigIssue): string {
  const shown = value === undefined ? '' : ` = ${show(value)}`
  const subject = path === '' ? '' : `${path}${shown}: `
  return `${where}: ${subject}${message}; ${fix}`
}

const LONGEST_SHOWN = 80

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}

/** Canonical paths of the values that hold a secret. */
const SECRET = /^(mesosCredentials(?!\.(principal|secretFile)$)|cookieSecret$)/

/** The value at a path as it may be shown: without credentials, and without `user:password@` in URLs. */
export function maskValue(path: string, value: unknown): unknown {
  if (value === undefined) return undefined
  if (SECRET.test(path)) return '***'
  return maskStrings(value)
}

function maskStrings(value: unknown): unknown {
  if (typeof value === 'string') return redactUserinfo(value)
  if (Array.isArray(value)) return value.map(maskStrings)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, maskStrings(part)]))
}
