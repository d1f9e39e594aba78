import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDnsperf } from '../../bench/query/dnsperf.ts'

const OUTPUT = `DNS Performance Testing Tool
Version 2.10.0

[Status] Sending queries (to 127.0.0.1:5399)
[Status] Testing complete (time limit)

Statistics:

  Queries sent:         214312
  Queries completed:    214300 (99.99%)
  Queries lost:         12 (0.01%)

  Response codes:       NOERROR 214000 (99.86%), NXDOMAIN 300 (0.14%)
  Average packet size:  request 36, response 41
  Run time (s):         2.001302
  Queries per second:   107086.286827

  Average Latency (s):  0.000987 (min 0.000010, max 0.008776)
  Latency StdDev (s):   0.000770
`

test('statistics of dnsperf are read', () => {
  assert.deepEqual(parseDnsperf(OUTPUT), {
    sent: 214312,
    completed: 214300,
    lost: 12,
    queriesPerSecond: 107086.286827,
    rcodes: new Map([
      ['NOERROR', 214000],
      ['NXDOMAIN', 300],
    ]),
    requestOctets: 36,
    responseOctets: 41,
  })
})

test('a run without answers has no response codes', () => {
  const silent = OUTPUT.replace(/Response codes:.*/, 'Response codes:').replace(
    /completed: .*/,
    'completed:    0 (0.00%)',
  )
  const { completed, rcodes } = parseDnsperf(silent)
  assert.equal(completed, 0)
  assert.equal(rcodes.size, 0)
})

test('output without statistics is an error that shows it', () => {
  assert.throws(() => parseDnsperf('Error: connection refused'), /connection refused/)
})
