// npm run bench [-- NAME] [options]: measures and reports; `USAGE` says what.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildMain } from './build.ts'
import { type BenchOptions, parseOptions, RESULTS, USAGE } from './options.ts'
import { missingPrograms, type ProgramName } from './programs.ts'
import { type Results, saveResults } from './results.ts'

interface Benchmark {
  /** Without these nothing can be measured. */
  readonly programs: readonly ProgramName[]
  /** `main` is the program to measure. */
  run(options: BenchOptions, main: string): Promise<Results>
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  query: {
    programs: ['dnsperf'],
    run: async (...args) => ({ query: await (await import('./query.ts')).benchQuery(...args) }),
  },
  state: {
    programs: [],
    run: async (...args) => ({ state: await (await import('./state.ts')).benchState(...args) }),
  },
  stall: {
    programs: ['cc'],
    run: async (...args) => ({ stall: await (await import('./stall.ts')).benchStall(...args) }),
  },
  freshness: {
    programs: [],
    run: async (...args) => ({
      freshness: await (await import('./freshness.ts')).benchFreshness(...args),
    }),
  },
}

async function bench(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv
  const [name, args] =
    first === undefined || first.startsWith('-') ? [undefined, argv] : [first, rest]
  if (args.includes('--help')) {
    console.log(USAGE)
    return 0
  }
  if (name === 'answers') return script('answers.ts', args)
  if (name === 'report') return report()
  if (name !== undefined && !(name in BENCHMARKS)) {
    console.error(`no benchmark ${name}\n\n${USAGE}`)
    return 2
  }
  let options: BenchOptions
  try {
    options = parseOptions(args)
  } catch (error) {
    console.error((error as Error).message)
    return 2
  }
  const chosen = Object.entries(BENCHMARKS).filter(([each]) => name === undefined || name === each)
  const main = buildMain(options.main)
  for (const [each, { programs, run }] of chosen) {
    console.log(`# ${each}`)
    const missing = missingPrograms(programs)
    if (missing !== undefined) {
      // Asked for by name, it cannot be left out.
      if (options.require || name !== undefined) throw new Error(missing)
      console.log(`${missing}; left out`)
      continue
    }
    const results = await run(options, main)
    if (options.out !== undefined) saveResults(options.out, results)
  }
  return options.out === RESULTS ? report() : 0
}

async function report(): Promise<number> {
  const { writeReport } = await import('./report.ts')
  writeReport()
  return 0
}

function script(file: string, args: readonly string[]): number {
  const command = [...process.execArgv, join(import.meta.dirname, file), ...args]
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 1
}

// A signal ends it by way of `exit`, so that everything started and every file is removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await bench(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})
