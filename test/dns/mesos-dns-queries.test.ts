import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { canonicalIp } from '../../src/net/address.ts'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { generateRecords } from '../../src/records/generate.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { decode, sorted } from '../presentation.ts'
import { sharedPath } from '../shared.ts'
import { answererOf, header, reply, SERIAL } from './question.ts'

/** One recorded exchange with Mesos-DNS. */
interface Recorded {
  readonly id: string
  readonly rcode: string
  readonly name: string
  readonly type: string
  readonly answers: readonly string[]
}

const TYPES: Readonly<Record<string, number>> = TYPE

/** What Mesos-DNS answered wrongly, by what is asked; each is a decided difference. */
const DIFFERS: readonly { readonly what: string; readonly applies: (each: Recorded) => boolean }[] =
  [
    { what: 'SOA and NS at any name', applies: ({ type }) => type === 'SOA' || type === 'NS' },
    {
      what: 'a missing SRV is NXDOMAIN',
      applies: ({ type, answers }) => type === 'SRV' && answers.length === 0,
    },
    {
      what: 'names that have names below them exist',
      applies: ({ id }) => ['a-apex', 'dnskey', 'wild-start'].includes(id) || id.startsWith('ent-'),
    },
  ]

function recorded(path: string): Recorded[] {
  const exchanges: {
    -readonly [K in keyof Recorded]: Recorded[K] extends readonly string[] ? string[] : string
  }[] = []
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [first = '', second = '', third = '', fourth = '', fifth = '', ...rest] = line
      .trim()
      .split(/\s+/)
    const current = exchanges.at(-1)
    if (/^\S/.test(line) && !line.startsWith('#')) {
      exchanges.push({ id: first, rcode: second, name: '', type: '', answers: [] })
    } else if (first === 'Q' && current !== undefined) {
      current.name = second
      current.type = third === 'IN' ? fourth : ''
    } else if (first === 'AN') {
      const rdata = rest.join(' ')
      current?.answers.push(
        `${second.toLowerCase()} ${third} ${fifth} ${canonicalIp(rdata) ?? rdata}`,
      )
    }
  }
  return exchanges
}

const path = sharedPath('mesos-dns/queries.txt')
const state = sharedPath('mesos-dns/states/fake.json')

describe('questions recorded with Mesos-DNS', {
  skip: path === undefined && 'the recordings are not beside this checkout',
}, () => {
  if (path === undefined || state === undefined) return
  const config = { ...defaultConfig(), ipSources: ['netinfo', 'docker', 'mesos', 'host'] }
  const report = new Report()
  const decoded = decodeState(JSON.parse(readFileSync(state, 'utf8')), report)
  const leader = { host: '127.0.0.1', port: 5050 }
  const records = generateRecords({
    state: { ...decoded, leader },
    masters: [leader],
    hosts: new Map([['localhost', ['127.0.0.1']]]),
    listenerAddresses: ['127.0.0.1'],
    config,
    report,
  })
  const answerer = answererOf([])
  answerer.zone = zoneOf(records, config, SERIAL)

  const ours = recorded(path).filter(
    (each) =>
      /(^|\.)mesos\.$/i.test(each.name) &&
      each.type in TYPES &&
      // Answered by other rules now (RFC 8482, no transfers as queries); tested beside this file.
      !['ANY', 'AXFR', 'IXFR'].includes(each.type) &&
      !each.id.startsWith('opcode') &&
      !each.id.startsWith('ds-'),
  )

  test('are enough to mean something', () => assert.ok(ours.length > 40, String(ours.length)))

  for (const each of ours) {
    const difference = DIFFERS.find(({ applies }) => applies(each))
    test(`${each.id}: ${each.name} ${each.type}${difference === undefined ? '' : ` (${difference.what})`}`, () => {
      const octets = reply(answerer, { name: each.name, type: TYPES[each.type] ?? 0 }, 'tcp')
      if (difference !== undefined) {
        // Mesos-DNS had no answer here; we have one, or a denial that can be cached.
        assert.equal(each.answers.length, 0)
        const { aa, counts } = header(octets)
        assert.deepEqual([aa, (counts[1] ?? 0) + (counts[2] ?? 0)], [true, 1])
        return
      }
      assert.equal(['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN'][header(octets).rcode], each.rcode)
      const answers = sorted(decode(octets).answers).map((line) => {
        const [name = '', ttl, ...rest] = line.split(' ')
        return [name.replace(/\.\*/g, '').toLowerCase(), ttl, ...rest].join(' ')
      })
      const want = each.answers.map((line) => line.replace(/\.\*/g, ''))
      // The fork lists discovery ports among the agents' too, and so do we.
      const isAgentService = each.type === 'SRV' && each.name.includes('.slave.')
      const comparable = answers.filter((line) => !isAgentService || want.includes(line))
      assert.deepEqual(comparable.sort(), want.sort())
    })
  }
})
