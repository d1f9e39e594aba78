// npm run bench [-- NAME [ARGUMENT ...]]: runs bench/NAME.ts, or every benchmark.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const known = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
  .map((name) => name.slice(0, -'.ts'.length))
const [wanted, ...args] = process.argv.slice(2)
if (wanted !== undefined && !known.includes(wanted)) {
  console.error(`no benchmark ${wanted}; there are ${known.join(', ')}`)
  process.exit(2)
}
for (const name of wanted === undefined ? known : [wanted]) {
  console.log(`# ${name}`)
  const script = join(import.meta.dirname, `${name}.ts`)
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
