import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { RESULTS } from '../../bench/options.ts'
import { PAGE, prose, report } from '../../bench/report.ts'
import { type Results, readResults } from '../../bench/results.ts'
import { spread } from '../../bench/statistics.ts'
import { PARTS } from '../../bench/tables.ts'
import { targets } from '../../bench/targets.ts'

const page = readFileSync(PAGE, 'utf8')

test('docs/benchmarks.md is what the report makes of the results', () => {
  assert.equal(report(page, readResults(RESULTS)), page)
})

test('docs/benchmarks.md has every part once', () => {
  const parts = [...page.matchAll(/<!-- results: ([a-z]+) -->/g)].map(([, name]) => name)
  assert.deepEqual(parts, Object.keys(PARTS))
})

test('no figure of docs/benchmarks.md stands outside the generated parts', () => {
  const figures = /\d[\d.,]*\s*(?:%|×|[µmn]?s\b|seconds\b|[KMG]i?B\b|q\/s)/g
  assert.deepEqual(prose(page).match(figures), null)
})

test('a part that nobody makes is an error', () => {
  assert.throws(() => report('<!-- results: more -->\n<!-- end -->', {}), /no part is called more/)
})

test('without results the page says so', () => {
  assert.match(report(page, {}), /Not measured yet\./)
  assert.ok(targets({}).every(({ reached }) => reached === undefined))
})

const measured = {
  date: '2024-01-02T03:04:05.000Z',
  cpu: 'Some CPU',
  cores: 2,
  memoryOctets: 2 ** 33,
  kernel: '6.1.0',
  node: 'v20.19.0',
  rounds: 3,
  seconds: 2,
}

function figures(workload: string, server: string, ...cpuMicros: number[]) {
  return {
    workload,
    server,
    cpuMicros: spread(cpuMicros),
    queriesPerSecond: spread([123_456]),
    loss: spread([0.0123]),
    responseOctets: 87,
  }
}

const RESULTS_OF_QUERY: Results = {
  query: {
    measured,
    servers: [
      { id: 'floor', title: 'C floor', version: '' },
      { id: 'mesos-ns-batch', title: 'mesos-ns, batch', version: '1.2.3' },
      { id: 'nsd', title: 'NSD', version: '4.6.1' },
      { id: 'unbound', title: 'Unbound, cached', version: '1.17.1' },
    ],
    workloads: [{ id: 'a-1000000', title: 'A, 1,000,000 names' }],
    figures: [
      figures('a-1000000', 'floor', 4, 5, 6),
      figures('a-1000000', 'mesos-ns-batch', 6),
      figures('a-1000000', 'nsd', 7.5),
    ],
  },
}

test('the query table shows medians, ratios to the floor and spreads', () => {
  const text = PARTS['query']?.(RESULTS_OF_QUERY) ?? ''
  const row =
    '5.00 (1.00 ×)<br>4.00–6.00 | 6.00 (1.20 ×)<br>6.00–6.00 | 7.50 (1.50 ×)<br>7.50–7.50 | –'
  assert.ok(text.includes(`| A, 1,000,000 names | ${row} |`), text)
  assert.ok(text.includes('| 123,500 | 123,500 | 123,500 | – |'), text)
  assert.ok(text.includes('| 1.23 % |'), text)
  const machine = PARTS['machine']?.(RESULTS_OF_QUERY) ?? ''
  assert.ok(
    machine.includes(
      '| `query` | 2024-01-02 | 2 × Some CPU, 8 GiB | 6.1.0 | v20.19.0 | 3 of 2 s |',
    ),
  )
  assert.ok(machine.includes('Servers: mesos-ns 1.2.3, NSD 4.6.1, Unbound 1.17.1.'), machine)
})

test('targets compare within the run', () => {
  const reached = new Map(targets(RESULTS_OF_QUERY).map((target) => [target.what, target]))
  const floor = reached.get('CPU per A query, 1,000,000 names, to the C floor')
  assert.deepEqual([floor?.measured, floor?.limit, floor?.reached], ['1.20 ×', '≤ 1.3 ×', true])
  const nsd = reached.get('CPU per A query, 1,000,000 names, to NSD')
  assert.deepEqual([nsd?.measured, nsd?.reached], ['0.80 ×', true])
  assert.equal(reached.get('CPU per A query, 1,000,000 names, to Knot DNS')?.reached, undefined)
})

test('freshness is shown by how changes come, and p99 of the event stream is a target', () => {
  const figures = (['stream', 'audit', 'poll'] as const).map((way, i) => ({
    tasks: 100_000,
    way,
    changes: 300,
    p50: 12.34 * (i + 1),
    p99: 90 + 20 * i,
    max: 1234,
  }))
  const burst = { tasks: 100_000, changes: 500, firstMs: spread([20]), lastMs: spread([150, 250]) }
  const freshness = { measured, figures, bursts: [burst] }
  const text = PARTS['freshness']?.({ freshness }) ?? ''
  assert.ok(text.includes('| 100,000 | event stream | 300 | 12.3 | 90.0 | 1,234 |'), text)
  assert.ok(text.includes('| 100,000 | 500 | 20.0 (20.0–20.0) | 200 (150–250) |'), text)
  const reached = targets({ freshness }).filter((target) => target.reached !== undefined)
  assert.deepEqual(
    reached.map((target) => [target.measured, target.limit, target.reached]),
    [
      ['90 ms', '≤ 100 ms', true],
      ['110 ms', '≤ 100 ms', false],
    ],
  )
})

test('a target that is missed is not called reached', () => {
  const state = {
    measured,
    sizes: [{ tasks: 1_000, octets: 1, idleOctets: spread([115.1e6]) }],
    figures: [
      {
        event: 'load' as const,
        tasks: 100_000,
        cpuSeconds: spread([4]),
        wallSeconds: spread([5]),
        peakOctets: spread([401e6]),
      },
    ],
  }
  const reached = targets({ state }).filter((target) => target.reached !== undefined)
  assert.deepEqual(
    reached.map((target) => [target.measured, target.reached]),
    [
      ['4.00 s', true],
      ['401 MB', false],
      ['115 MB', false],
    ],
  )
})
