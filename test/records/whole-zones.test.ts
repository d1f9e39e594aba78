// Whole zones as the last Mesos-DNS made them, compared set by set. Where a difference was decided, the
// expected zone is changed by the rule that the decision states, never record by record.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalIp, parseHostPort } from '../../src/net/address.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordsInput } from '../../src/records/input.ts'
import { rfc952, rfc1123 } from '../../src/records/labels.ts'
import { fitLabels } from '../../src/records/name-limits.ts'
import type { RecordSet, RecordType } from '../../src/records/record-set.ts'
import { srvHostPort } from '../../src/records/srv.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { config, input } from './cluster.ts'
import { SKIP, sharedJson, type ZoneCase, zones } from './mesos-dns.ts'

/** `name type` → values, an SRV value being `target.:port`. */
type Sets = Map<string, Set<string>>

function add(sets: Sets, name: string, type: string, value: string): void {
  const key = `${name} ${type}`
  sets.set(key, (sets.get(key) ?? new Set()).add(value))
}

function sorted(sets: Sets): string[] {
  return [...sets].flatMap(([key, values]) => [...values].map((value) => `${key} ${value}`)).sort()
}

function setsOf(records: RecordSet): Sets {
  const sets: Sets = new Map()
  for (const { name, type, rdata } of records) {
    for (const text of rdata) add(sets, name, type, type === 'SRV' ? srvHostPort(text) : text)
  }
  return sets
}

function inputOf({ config: given, stateFile }: ZoneCase): RecordsInput {
  const decoded = decodeState(sharedJson(stateFile ?? ''), new Report())
  const leader =
    given.leader === undefined ? decoded.leader : parseHostPort(given.leader.split('@')[1] ?? '')
  return input(
    { ...decoded, leader },
    {
      masters: (given.masters ?? []).flatMap((text) => parseHostPort(text) ?? []),
      hosts: new Map([['localhost', ['127.0.0.1']]]),
      listenerAddresses: [given.listener],
      config: {
        domain: given.domain,
        soaMname: given.soaMname,
        enforceRfc952: given.enforceRFC952,
        ipSources: given.ipSources,
      },
    },
  )
}

/** Decided differences that make records as Mesos-DNS has them into ours. */
function expectedOf(
  { expectations, config: { domain, soaMname, enforceRFC952 } }: ZoneCase,
  { state }: RecordsInput,
): Sets {
  const end = `.${domain}.`
  const { domainFragment } = enforceRFC952 ? rfc952 : rfc1123
  const sets: Sets = new Map()
  const expect = (name: string, type: string, value: string) =>
    add(sets, fitLabels(name), type, type === 'SRV' ? fitLabels(value) : value)

  for (const { name, type, values } of expectations) {
    for (const value of values) {
      expect(name, type, type === 'SRV' ? value : (canonicalIp(value) ?? value))
      // Discovery ports, whose targets are the tasks themselves, are listed for the agents as well.
      const target = value.slice(0, value.lastIndexOf(':'))
      const isTaskPort = /^_.*\._[a-z]+\./.test(name) && !/^_(framework|leader|slave)\./.test(name)
      if (type === 'SRV' && isTaskPort && !target.endsWith(`.slave${end}`)) {
        const seenFromAgents = (text: string) => `${text.slice(0, -end.length)}.slave${end}`
        expect(seenFromAgents(name), type, seenFromAgents(target) + value.slice(target.length))
      }
    }
  }
  // Names of the cluster itself are not for frameworks.
  const own = new Set([
    state.leader?.host,
    ...[...state.agents.values()].map(({ pid }) => pid.host),
  ])
  for (const { name, pid } of state.frameworks) {
    const owner = domainFragment(name) + end
    const isReserved = /^(leader|master\d*|slave)$/.test(domainFragment(name)) || owner === soaMname
    if (!isReserved || pid === undefined) continue
    sets.delete(`_framework._tcp.${owner} SRV`)
    for (const type of ['A', 'AAAA']) {
      if (!own.has(pid.host)) sets.get(`${owner} ${type}`)?.delete(pid.host)
    }
  }
  return sets
}

const cases = zones()?.cases ?? []

test('reference zones', { skip: cases.length === 0 && SKIP }, async (t) => {
  const full = cases.filter(({ mode }) => mode === 'full')
  assert.ok(full.length >= 10)
  for (const zone of full) {
    await t.test(zone.id, () => {
      const given = inputOf(zone)
      const made = setsOf(generateRecords(given))
      assert.deepEqual(sorted(made), sorted(expectedOf(zone, given)))
    })
  }

  for (const zone of cases.filter(({ mode }) => mode === 'subset')) {
    await t.test(zone.id, () => {
      const made = setsOf(generateRecords(inputOf(zone)))
      const wanted = expectedOf(zone, inputOf(zone))
      for (const { name, type } of zone.expectations) {
        const key = `${name} ${type}`
        const want = [...(wanted.get(key) ?? [])].sort()
        // The extra agents' view of a port joins a set that these cases name in part.
        const got = [...(made.get(key) ?? [])].sort()
        assert.deepEqual(
          type === 'SRV' ? got.filter((value) => want.includes(value)) : got,
          want,
          key,
        )
      }
    })
  }

  for (const zone of cases.filter(({ mode }) => mode === 'full-master-records')) {
    await t.test(zone.id, () => {
      const { domain, masters, leader = '' } = zone.config
      const decoded = decodeState({ leader }, new Report())
      const given = input(decoded, {
        masters: (masters ?? []).flatMap((text) => parseHostPort(text) ?? []),
        config: { ...config, domain },
      })
      const wanted: Sets = new Map()
      for (const { name, type, values } of zone.expectations) {
        for (const value of values) {
          // The vectors call every address an A record.
          const made: RecordType = type === 'A' && value.includes(':') ? 'AAAA' : type
          add(wanted, name, made, value)
        }
      }
      assert.deepEqual(sorted(setsOf(generateRecords(given))), sorted(wanted))
    })
  }
})
