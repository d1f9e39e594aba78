import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, decode, encode } from 'dns-packet'
import { fault } from '../../bench/query/verify.ts'
import { workloads } from '../../bench/query/workloads.ts'
import type { ServerKind } from '../../bench/servers/index.ts'

const records = {
  A: new Map([
    ['web', ['10.0.0.1', '10.0.0.2']],
    ['t1', ['10.0.0.3', '10.0.0.4']],
  ]),
  SRV: new Map([['_web._tcp', ['0 1 80 t1.mesos.']]]),
}

interface Case {
  readonly workload: string
  readonly owner: string
  readonly role?: ServerKind['role']
  readonly rcode?: number
  readonly answers?: Answer[]
  readonly additionals?: Answer[]
}

function faultOf({ workload: id, owner, role = 'authoritative', rcode = 0, ...rest }: Case) {
  const packet = decode(encode({ type: 'response', flags: rcode, questions: [], ...rest }))
  const workload = workloads([4]).find((each) => each.id === id)
  assert.ok(workload !== undefined, id)
  return fault(packet, owner, { kind: { role }, workload, records, domain: 'mesos' })
}

const a = (name: string, data: string): Answer => ({ name, type: 'A', ttl: 60, data })
const srv: Answer = {
  name: '_web._tcp.mesos',
  type: 'SRV',
  ttl: 60,
  data: { priority: 0, weight: 1, port: 80, target: 't1.mesos' },
}
const both = [a('web.mesos', '10.0.0.2'), a('web.mesos', '10.0.0.1')]
const glue = [a('t1.mesos', '10.0.0.3'), a('t1.mesos', '10.0.0.4')]

test('right answers have no fault, in whatever order', () => {
  const right: Case[] = [
    { workload: 'a-4', owner: 'web', answers: both },
    { workload: 'srv-1', owner: '_web._tcp', answers: [srv], additionals: glue },
    { workload: 'srv-1', owner: '_web._tcp', answers: [srv], role: 'cache' },
    { workload: 'nxdomain', owner: 'nope', rcode: 3 },
    { workload: 'nodata', owner: 'web' },
  ]
  for (const each of right) assert.equal(faultOf(each), undefined, JSON.stringify(each))
})

test('wrong answers say what is wrong', () => {
  const wrong: [Case, RegExp][] = [
    [{ workload: 'a-4', owner: 'web', answers: both.slice(1) }, /^10\.0\.0\.1 instead of/],
    [{ workload: 'a-4', owner: 'web' }, /^nothing instead of/],
    [{ workload: 'a-4', owner: 'web', rcode: 2 }, /^SERVFAIL$/],
    [{ workload: 'nxdomain', owner: 'nope' }, /^NOERROR$/],
    [{ workload: 'nodata', owner: 'web', answers: both }, /instead of nothing$/],
    [
      { workload: 'srv-1', owner: '_web._tcp', answers: [srv], additionals: glue.slice(1) },
      /^no address 10\.0\.0\.3 of t1\.mesos$/,
    ],
  ]
  for (const [each, expected] of wrong) assert.match(faultOf(each) ?? '', expected)
})
