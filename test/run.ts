// Finds every *.test.ts below test/ and hands the list to node's own test runner. Node 20's
// `node --test` knows no globs and only looks for JavaScript, hence this file.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

const args = process.argv.slice(2)
const flags = args.filter((arg) => arg.startsWith('-'))
const wanted = args.filter((arg) => !arg.startsWith('-'))

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .map((name) => join('test', ...name.split(sep)))
  .sort()

if (files.length === 0) {
  console.error(
    `no test file matches ${wanted.join(' ')}; tests are the *.test.ts files below test/`,
  )
  process.exit(2)
}

// Many times what any file needs: a test that hangs is to fail, not to hold everything up.
const typescript = ['--import', 'tsx', '--import', './test/typescript-in-threads.mjs']
const options = [...typescript, '--test', '--test-timeout=300000', ...flags]
const { status } = spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit' })
process.exit(status ?? 1)
