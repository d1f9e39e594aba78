import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOptions, RESULTS } from '../../bench/options.ts'
import { firstVersion } from '../../bench/servers/version.ts'

test('a whole run is saved, a shortened one only if asked to', () => {
  assert.equal(parseOptions([]).out, RESULTS)
  assert.equal(parseOptions(['--require']).out, RESULTS)
  for (const short of ['--rounds=1', '--seconds=1', '--only=nsd', '--sizes=4', '--main=x.js']) {
    assert.equal(parseOptions([short]).out, undefined, short)
    assert.equal(parseOptions([short, '--save']).out, RESULTS, short)
    assert.equal(parseOptions([short, '--out', 'x.json']).out, 'x.json', short)
  }
})

test('lists and numbers are read', () => {
  const { rounds, seconds, only, sizes } = parseOptions(
    '--rounds 2 --seconds 3 --only nsd,a-1000 --sizes 4,40'.split(' '),
  )
  assert.deepEqual([rounds, seconds, only, sizes], [2, 3, ['nsd', 'a-1000'], [4, 40]])
})

test('what makes no sense is refused', () => {
  for (const wrong of ['--rounds=0', '--seconds=1.5', '--sizes=4,x', '--sizes=']) {
    assert.throws(() => parseOptions([wrong]), /must be a whole number/, wrong)
  }
  assert.throws(() => parseOptions(['--round=1']), /Unknown option/)
  assert.throws(() => parseOptions(['query']), /positional/)
})

test('versions are found in what programs print', () => {
  const printed = {
    '4.6.1': 'NSD version 4.6.1\nWritten by NLnet Labs.',
    '3.2.6': 'knotd (Knot DNS), version 3.2.6',
    '2.90': 'Dnsmasq version 2.90  Copyright (c) 2000-2024 Simon Kelley',
    '0.2.0-beta.1': '0.2.0-beta.1',
    '': 'no number',
  }
  for (const [version, text] of Object.entries(printed)) assert.equal(firstVersion(text), version)
})
