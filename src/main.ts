#!/usr/bin/env node
import { runCli } from './cli/run.ts'
import { processTerminal } from './cli/terminal.ts'

// A reader that has seen enough (`mesos-ns render … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})
process.exitCode = await runCli(process.argv.slice(2), processTerminal())
