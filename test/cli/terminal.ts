import { runCli } from '../../src/cli/run.ts'

export interface Outcome {
  readonly status: number
  readonly out: string
  /** Messages, as they would follow the program's name on standard error. */
  readonly complaints: readonly string[]
}

/** Runs a command line within this process. */
export async function run(
  line: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  let out = ''
  const complaints: string[] = []
  const status = await runCli(line, {
    env,
    out: (text) => {
      out += text
    },
    complain: (message) => {
      complaints.push(message)
    },
  })
  return { status, out, complaints }
}
