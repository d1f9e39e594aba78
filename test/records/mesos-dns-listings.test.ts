// The listings as the last Mesos-DNS printed them for one state.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AxfrBody, axfrBody } from '../../src/records/axfr.ts'
import { enumerate } from '../../src/records/enumerate.ts'
import type { Enumeration } from '../../src/records/enumeration.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordsInput } from '../../src/records/input.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { sharedPath } from '../shared.ts'
import { endpoint, input } from './cluster.ts'
import { SKIP, sharedJson } from './mesos-dns.ts'

const skip = sharedPath('mesos-dns/rest') === undefined && SKIP

function given(): RecordsInput {
  const leader = endpoint('127.0.0.1:5050')
  const decoded = decodeState(sharedJson('states/fake.json'), new Report())
  return input(
    { ...decoded, leader },
    {
      masters: [leader],
      hosts: new Map([['localhost', ['127.0.0.1']]]),
      listenerAddresses: ['127.0.0.1'],
      config: { ipSources: ['netinfo', 'docker', 'mesos', 'host'] },
    },
  )
}

/** Additional SRV records: what a discovery port has in the task's view, seen from the agents. */
function isAgentsView(line: string, others: ReadonlySet<string>): boolean {
  return line.includes('.slave.mesos.') && others.has(line.replaceAll('.slave.mesos.', '.mesos.'))
}

function assertOnlyAgentsViewAdded(made: string[], wanted: string[], message?: string): void {
  const known = new Set(wanted)
  const all = new Set(made)
  assert.equal(all.size, made.length, message)
  assert.deepEqual(
    wanted.filter((line) => !all.has(line)),
    [],
    message,
  )
  assert.deepEqual(
    made.filter((line) => !known.has(line) && !isAgentsView(line, all)),
    [],
    message,
  )
}

test('/v1/enumerate', { skip }, () => {
  const wanted = sharedJson('rest/022-enumerate.txt') as Enumeration
  const made = enumerate(given())
  const names = ({ frameworks }: Enumeration) =>
    frameworks?.map(({ name, tasks }) => [name, tasks?.map(({ name, id }) => `${name} ${id}`)])
  assert.deepEqual(names(made), names(wanted))

  const lines = ({ frameworks }: Enumeration, framework: number, task: number) =>
    (frameworks?.[framework]?.tasks?.[task]?.records ?? []).map(
      ({ name, rtype, host }) => `${name} ${rtype} ${host}`,
    )
  wanted.frameworks?.forEach(({ tasks }, f) => {
    tasks?.forEach(({ id }, t) => {
      assertOnlyAgentsViewAdded(lines(made, f, t), lines(wanted, f, t), id)
      // Apart from the additional ones the order is the same, too.
      const known = new Set(lines(wanted, f, t))
      assert.deepEqual(
        lines(made, f, t).filter((line) => known.has(line)),
        lines(wanted, f, t),
      )
    })
  })
})

test('/v1/axfr', { skip }, () => {
  const wanted = sharedJson('rest/023-axfr.txt') as AxfrBody
  const made = axfrBody(generateRecords(given()), {
    ttl: wanted.TTL,
    serial: wanted.Serial,
    refreshSeconds: wanted.RefreshSeconds,
    mname: wanted.Mname,
    rname: wanted.Rname,
    domain: wanted.Domain,
  })
  assert.deepEqual(Object.keys(made), Object.keys(wanted))
  assert.deepEqual({ ...made, Records: 0 }, { ...wanted, Records: 0 })
  assert.deepEqual(Object.keys(made.Records), Object.keys(wanted.Records))
  for (const type of ['As', 'AAAAs', 'SRVs'] as const) {
    const lines = (body: AxfrBody) =>
      Object.entries(body.Records[type]).flatMap(([name, values]) =>
        values.map((value) => `${name} ${type} ${value}`),
      )
    assertOnlyAgentsViewAdded(lines(made), lines(wanted), type)
    const names = Object.keys(wanted.Records[type])
    assert.deepEqual(
      Object.keys(made.Records[type]).filter((name) => names.includes(name)),
      names,
    )
  }
})
