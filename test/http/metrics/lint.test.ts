// docs/metrics.md and the metrics themselves, held against each other, and the rules of promlint:
// https://github.com/prometheus/client_golang/tree/main/prometheus/testutil/promlint/validations
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PREFIX } from '../../../src/http/metrics/metric.ts'
import { METRICS } from '../../../src/http/metrics/registry.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8')

test('docs/metrics.md has a row for every metric, in their order, with type, labels and meaning', () => {
  const rows = Array.from(
    page.matchAll(/^\| `(mesos_ns_\w+)` +\| (\w+) +\| (.*?) +\| (.*?) +\|$/gm),
    ([, name, type, labels, help]) => ({ name, type, labels, help }),
  )
  const metrics = METRICS.map(({ name, type, labels, help }) => {
    return { name, type, labels: labels.map((label) => `\`${label}\``).join(', '), help }
  })
  assert.deepEqual(rows, metrics)
})

test('docs/metrics.md names no metric that does not exist', () => {
  const names = new Set(METRICS.map(({ name }) => name))
  const unknown = [...page.matchAll(/mesos_ns_\w+/g)].map(([name]) => name)
  assert.deepEqual(
    unknown.filter((name) => !names.has(name)),
    [],
  )
})

/** Units that are not base units, and short forms of units. */
const NOT_A_UNIT =
  /_(milli|micro|nano)seconds?|_(minute|hour|day|week)s?|_(kilo|mega|giga)?bits?|_(kilo|mega|giga|kibi|mebi|gibi)bytes?|_(percent|s|ms|us|ns|sec|b|kb|mb|gb|tb|m|h|d)(_|$)/
const UNIT = /seconds|bytes|ratio/

for (const { name, type, help, labels } of METRICS) {
  test(`${name} keeps the rules of Prometheus`, () => {
    assert.ok(name.startsWith(PREFIX))
    assert.match(name.slice(PREFIX.length), /^[a-z]+(_[a-z]+)*$/, 'lower case and underscores')
    assert.equal(name.endsWith('_total'), type === 'counter', '_total is for counters')
    assert.doesNotMatch(name, /_(count|sum|bucket)$/, 'endings of histograms')
    assert.doesNotMatch(name, /counter|gauge|histogram|summary/, 'no type in the name')
    assert.doesNotMatch(`_${name.slice(PREFIX.length)}`, NOT_A_UNIT, 'base units, written out')
    if (UNIT.test(name)) assert.match(name, /_(seconds|bytes|ratio)(_total)?$/, 'the unit is last')
    assert.match(help, /^[A-Z01`].*\.$/, 'help is a sentence')
    for (const label of labels) {
      assert.match(label, /^[a-z]+$/)
      assert.ok(!['le', 'quantile', 'instance', 'job'].includes(label), 'labels of Prometheus')
    }
  })
}

test('names are unique', () => {
  assert.equal(new Set(METRICS.map(({ name }) => name)).size, METRICS.length)
})
