import assert from 'node:assert/strict'
import { test } from 'node:test'
import { questionLines, workloads } from '../../bench/query/workloads.ts'
import { parseZone } from '../../bench/query/zone-records.ts'

const ZONE = `$ORIGIN mesos.
$TTL 60
@\tIN\tSOA\tns1.mesos. root.ns1.mesos. 1 60 600 86400 60
leader\tIN\tA\t127.0.0.1
_svc1-0._tcp.marathon\tIN\tSRV\t0 1 8080 svc1-0-aaaaa-s0.marathon.mesos.
app-0.marathon\tIN\tA\t9.0.0.1
app-0.marathon\t300\tIN\tA\t9.0.0.2
app-0.marathon.slave\tIN\tA\t10.0.0.1
; left out: 1 sets
`

const records = await parseZone(ZONE.split('\n'))

/** Owners that a workload asks for. */
function owners(id: string): readonly string[] {
  const workload = workloads([4, 40]).find((each) => each.id === id)
  assert.ok(workload !== undefined, id)
  return workload.owners(records)
}

test('address and service records of a zone file are read, with and without a TTL', () => {
  assert.deepEqual(records.A.get('app-0.marathon'), ['9.0.0.1', '9.0.0.2'])
  assert.deepEqual(
    [...records.SRV],
    [['_svc1-0._tcp.marathon', ['0 1 8080 svc1-0-aaaaa-s0.marathon.mesos.']]],
  )
})

test('workloads ask for names of tasks, for services, and for names that are not there', () => {
  assert.deepEqual(owners('a-40'), ['app-0.marathon', 'app-0.marathon.slave'])
  assert.deepEqual(owners('nodata'), owners('a-4'))
  assert.deepEqual(owners('srv-1'), ['_svc1-0._tcp.marathon'])
  assert.deepEqual(owners('nxdomain'), ['nope-0.marathon', 'nope-0.marathon.slave'])
})

test('A is asked of every zone, everything else of the smallest', () => {
  const sizes = workloads([4, 40]).map(({ id, names }) => [id, names])
  assert.deepEqual(sizes, [
    ['a-4', 4],
    ['a-40', 40],
    ['srv-1', 4],
    ['srv-10', 4],
    ['nxdomain', 4],
    ['nodata', 4],
  ])
})

test('every question comes as often as the others, in random order, and the same each time', () => {
  const names = Array.from({ length: 300 }, (_, n) => `n${n}`)
  const lines = [...questionLines(names, 'A', 'mesos')]
  assert.ok(lines.length >= 10_000)
  assert.equal(new Set(lines).size, 300)
  assert.equal(lines.length % 300, 0)
  assert.equal(new Set(lines.slice(0, 300)).size, 300)
  assert.notDeepEqual(
    lines.slice(0, 300),
    names.map((name) => `${name}.mesos A\n`),
  )
  assert.deepEqual([...questionLines(names, 'A', 'mesos')], lines)
})

test('a workload without names is an error', () => {
  assert.throws(() => [...questionLines([], 'A', 'mesos')], /nothing to ask for/)
})
