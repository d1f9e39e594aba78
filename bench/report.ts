import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RESULTS } from './options.ts'
import { type Results, readResults } from './results.ts'
import { PARTS } from './tables.ts'

export const PAGE = join(import.meta.dirname, '..', 'docs', 'benchmarks.md')

/** A part of the page: what stands between its begin and the next end marker is generated. */
const PART = /(<!-- results: ([a-z]+) -->\n)[\s\S]*?(<!-- end -->)/g

/** The page with its generated parts made from the results. Throws at a part that nobody makes. */
export function report(page: string, results: Results): string {
  return page.replace(PART, (_, begin: string, name: string, end: string) => {
    const part = PARTS[name]
    if (part === undefined) throw new RangeError(`docs/benchmarks.md: no part is called ${name}`)
    return `${begin}${part(results)}\n${end}`
  })
}

/** The page without its generated parts. */
export function prose(page: string): string {
  return page.replace(PART, '')
}

/** Writes the saved results into docs/benchmarks.md. */
export function writeReport(): void {
  const page = readFileSync(PAGE, 'utf8')
  writeFileSync(PAGE, report(page, readResults(RESULTS)))
}
