import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMemory, parseStat } from '../../bench/process-cpu.ts'

test('user and system time of /proc/PID/stat are added up', () => {
  const text =
    '6910 (knotd) S 6875 6910 6910 0 -1 4194560 3105 0 7 0 123 45 900 800 20 0 5 0 123 1 2 3'
  assert.deepEqual(parseStat(text), { pid: 6910, parent: 6875, cpuSeconds: 1.68 })
})

test('a name with spaces and parentheses moves no field', () => {
  const text = '7 (a (b) 9 c) R 1 7 7 0 -1 0 0 0 0 0 200 100 0 0 20 0 1 0 1 1 1'
  assert.deepEqual(parseStat(text), { pid: 7, parent: 1, cpuSeconds: 3 })
})

test('memory of /proc/PID/status is read in octets', () => {
  const status = 'Name:\tnode\nVmPeak:\t 900 kB\nVmHWM:\t  200 kB\nVmRSS:\t  100 kB\n'
  assert.deepEqual(parseMemory(status), { resident: 102_400, peak: 204_800 })
})
