import { formatIssue, loadConfig } from '../config/index.ts'
import { EXIT } from './exit-status.ts'
import type { Terminal } from './terminal.ts'

/** Loads a configuration as the server would. Throws a ConfigError with all that is wrong. */
export function checkConfig(
  { config: path }: { readonly config: string | undefined },
  terminal: Terminal,
): number {
  const { config, warnings } = loadConfig({ path, env: terminal.env })
  for (const warning of warnings) terminal.complain(`warning: ${formatIssue(warning)}`)
  terminal.out(`${config.file === '' ? 'environment' : config.file}: ok\n`)
  return EXIT.OK
}
