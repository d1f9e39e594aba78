import type { Argv } from 'yargs'
import { LOG_LEVELS } from '../log.ts'
import { chooseLogLevel, type Terminal } from './terminal.ts'

/**
 * Declares every command with its flags and examples. What a command does is loaded when it runs, so
 * that none waits for the modules of another; `done` gets its exit status.
 */
export function defineCommands(
  cli: Argv,
  terminal: Terminal,
  done: (status: number) => void,
): void {
  cli
    .option('log-level', {
      describe: 'how much to log; debug also shows stack traces of errors',
      choices: LOG_LEVELS,
    })
    .command(
      ['serve', '$0'],
      'answer the names of a cluster',
      (args) =>
        args
          .option('config', CONFIG)
          .example('$0 serve --config /etc/mesos-ns/config.json', 'run the server')
          .example('$0 -config=config.json -v=1', 'the same, as Mesos-DNS spells it'),
      async ({ config, 'log-level': logLevel }) => {
        const { serve } = await import('./serve.ts')
        const level = chooseLogLevel(logLevel, terminal.env, 'info')
        done(
          await serve(
            { config: config ?? terminal.env['MESOS_NS_CONFIG'], logLevel: level },
            terminal,
          ),
        )
      },
    )
    .command(
      'check-config',
      'check a configuration file without starting anything',
      (args) =>
        args
          .option('config', CONFIG)
          .example('$0 check-config --config config.json', 'list everything that is wrong'),
      async ({ config }) => {
        const { checkConfig } = await import('./check-config.ts')
        done(checkConfig({ config: config ?? terminal.env['MESOS_NS_CONFIG'] }, terminal))
      },
    )
    .command(
      'render',
      'print the records of a saved state, offline',
      (args) =>
        args
          .option('config', CONFIG)
          .option('state', {
            describe: "body of the master's /state; - is standard input",
            type: 'string',
            requiresArg: true,
            demandOption: true,
          })
          .option('format', {
            describe: "master file, list of RRsets, or the body of Mesos-DNS's /v1/axfr",
            choices: ['zone', 'json', 'axfr'] as const,
            default: 'zone' as const,
          })
          .option('serial', {
            describe: 'SOA serial (default: derived from the records)',
            type: 'number',
          })
          .option('resolve', {
            describe: 'look host names in the state up, as the server does',
            type: 'boolean',
            default: false,
          })
          .example(
            'curl -s http://master:5050/state | $0 render --state -',
            'the zone of a cluster',
          )
          .example('$0 render --state state.json --format axfr', 'to compare with /v1/axfr'),
      async ({ config, state, format, serial, resolve }) => {
        const { render } = await import('./render.ts')
        const options = {
          config: config ?? terminal.env['MESOS_NS_CONFIG'],
          state,
          format,
          serial,
          resolve,
        }
        done(await render(options, terminal))
      },
    )
    .command(
      'lookup <name> [type]',
      'ask a running server over DNS',
      (args) =>
        args
          .positional('name', {
            describe: 'name, or address for its PTR',
            type: 'string',
            demandOption: true,
          })
          .positional('type', { describe: 'record type (default A)', type: 'string' })
          .option('server', { describe: 'host or host:port', type: 'string', default: '127.0.0.1' })
          .option('port', { describe: 'port (default 53)', type: 'number' })
          .option('tcp', { describe: 'TCP instead of UDP', type: 'boolean' })
          .option('short', { describe: 'rdata only', type: 'boolean' })
          .option('json', {
            describe: 'the whole message as JSON',
            type: 'boolean',
          })
          .option('timeout', { describe: 'seconds to wait', type: 'number', default: 5 })
          .conflicts('short', 'json')
          .example('$0 lookup web.marathon.mesos', 'addresses of the tasks of an app')
          .example('$0 lookup _web._tcp.marathon.mesos SRV --port 8053', 'and their ports'),
      async ({ name, type, server, port, tcp = false, short = false, json = false, timeout }) => {
        const { lookup } = await import('./lookup/index.ts')
        done(await lookup({ name, type, server, port, tcp, short, json, timeout }, terminal))
      },
    )
    .command(
      'demo',
      'run against a simulated cluster on this machine',
      (args) =>
        args
          .option('once', { describe: 'end after the checks', type: 'boolean', default: false })
          .option('dns-port', { describe: 'port for DNS', type: 'number', default: 8053 })
          .option('http-port', { describe: 'port for REST', type: 'number', default: 8123 })
          .example('$0 demo --once', 'status 0 only if the answers were right'),
      async ({ once, 'dns-port': dnsPort, 'http-port': httpPort, 'log-level': logLevel }) => {
        const { demo } = await import('./demo/index.ts')
        const level = chooseLogLevel(logLevel, terminal.env, 'warn')
        done(await demo({ once, dnsPort, httpPort, logLevel: level }, terminal))
      },
    )
    .command('completion', 'print a completion script for bash or zsh', {}, () => {
      cli.showCompletionScript()
    })
    .command('version', 'print the version', {}, async () => {
      const { packageVersion } = await import('./version.ts')
      terminal.out(`${packageVersion()}\n`)
    })
}

const CONFIG = {
  describe: 'configuration file (default: config.json here, or MESOS_NS_CONFIG)',
  type: 'string',
  requiresArg: true,
} as const
