import yargs from 'yargs'
import { MesosNsError } from '../errors.ts'
import { defineCommands } from './commands.ts'
import { UsageError } from './errors.ts'
import { EXIT, exitStatusOf } from './exit-status.ts'
import { rewriteGoFlags } from './go-flags.ts'
import type { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

/** Runs one command line to its end; returns the exit status. Never throws. */
export async function runCli(line: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { argv, warnings } = rewriteGoFlags(line)
    for (const warning of warnings) terminal.complain(warning)
    return await runCommand(argv, terminal)
  } catch (error) {
    terminal.complain(messageOf(error))
    if (wantsDebug(line, terminal.env) && error instanceof Error) {
      terminal.complain(stackOf(error))
    }
    return exitStatusOf(error)
  }
}

async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  let status: number = EXIT.OK
  const cli = yargs()
    .scriptName('mesos-ns')
    .usage('$0 [command]\n\nDNS server for Apache Mesos clusters.')
    .strict()
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      // Of a flag given twice the last one counts, as in Go.
      'duplicate-arguments-array': false,
    })
    .exitProcess(false)
    .fail(usageError)
    .version(packageVersion())
    .help()
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .epilogue('Exit statuses and the flags of Mesos-DNS: docs/cli.md')
  defineCommands(cli, terminal, (result) => {
    status = result
  })
  await cli.parseAsync([...argv], {}, (_error, _args, output) => {
    if (output !== '') terminal.out(`${output}\n`)
  })
  return status
}

/** yargs calls this for what it cannot parse, and for what a command throws. */
function usageError(message: string | null, error: Error | undefined): never {
  if (error !== undefined && error.name !== 'YError') throw error
  const text = (message ?? error?.message ?? 'cannot be understood').replace(/:?\s*\n\s*/g, ': ')
  throw new UsageError(`${text[0]?.toLowerCase()}${text.slice(1)}; see mesos-ns --help`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function stackOf(error: Error): string {
  const code = error instanceof MesosNsError ? `${error.code}: ` : ''
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
  return `${code}${error.stack}${cause}`
}

/** Read from the raw line: what failed may be the parsing. */
function wantsDebug(line: readonly string[], env: Terminal['env']): boolean {
  const text = line.join(' ')
  return /--?log-level[= ]debug\b/.test(text) || env['MESOS_NS_LOG_LEVEL'] === 'debug'
}
