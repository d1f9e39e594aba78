import { UsageError } from './errors.ts'

/** A command line without the spellings of Go's flag package. */
export interface RewrittenLine {
  readonly argv: readonly string[]
  /** At most one line for the operator. */
  readonly warnings: readonly string[]
}

/** Flags of Mesos-DNS's logging library that mean nothing here, and whether they take a value. */
const IGNORED: Readonly<Record<string, 'value' | 'boolean'>> = {
  logtostderr: 'boolean',
  alsologtostderr: 'boolean',
  stderrthreshold: 'value',
  log_dir: 'value',
  vmodule: 'value',
  log_backtrace_at: 'value',
}

/** What Go's strconv.ParseBool takes for false. */
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False']

/**
 * Rewrites the command line of Mesos-DNS, whose flags have one dash or two and their value after `=` or
 * a space (Go's flag package), into ours: `-config=FILE`, `-version`, `-v=1`; its logging flags are
 * dropped with a warning. Everything else is left as it is. Throws a UsageError for a flag without its
 * value.
 */
export function rewriteGoFlags(argv: readonly string[]): RewrittenLine {
  const rewritten: string[] = []
  const ignored: string[] = []
  let verbosity: string | undefined
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? ''
    if (token === '--') {
      rewritten.push(...argv.slice(i))
      break
    }
    const [, dashes = '', name = '', assigned] =
      /^(--?)([a-zA-Z][\w-]*)(?:=(.*))?$/s.exec(token) ?? []
    const value = (): string => {
      const found = assigned ?? argv[++i]
      if (found === undefined) throw new UsageError(`flag needs a value: ${token}=VALUE`)
      return found
    }
    if (name === 'v') verbosity = value()
    else if (name === 'version') rewritten.push(...(isFalse(assigned) ? [] : ['--version']))
    else if (name === 'h') rewritten.push('--help')
    else if (Object.hasOwn(IGNORED, name)) {
      if (IGNORED[name] === 'value') value()
      ignored.push(`-${name}`)
    } else if (dashes === '-' && name.length > 1) rewritten.push(`-${token}`)
    else rewritten.push(token)
  }
  return {
    argv: [...rewritten, ...logLevel(verbosity, rewritten)],
    warnings: ignored.length === 0 ? [] : [warning(ignored)],
  }
}

function isFalse(value: string | undefined): boolean {
  return value !== undefined && FALSE.includes(value)
}

/** `-v=1` shows what `info` shows, more is `debug`; `--log-level` wins over both. */
function logLevel(verbosity: string | undefined, argv: readonly string[]): string[] {
  if (verbosity === undefined) return []
  if (!/^\d+$/.test(verbosity)) {
    throw new UsageError(`-v takes a number, not ${JSON.stringify(verbosity)}; write -v=1`)
  }
  if (argv.some((token) => /^--log-level(=|$)/.test(token))) return []
  return ['--log-level', Number(verbosity) >= 2 ? 'debug' : 'info']
}

function warning(flags: readonly string[]): string {
  const list = [...new Set(flags)].join(', ')
  return `ignoring ${list}: the log is JSON lines on standard output; see --log-level`
}
