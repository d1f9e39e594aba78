// What Mesos-DNS answered over HTTP, recorded, against what we answer for the same state: status,
// Content-Type and every octet of the body. Where Go iterates a map the order of values is chance, so
// they are sorted on both sides; Version, URL and Serial are ours.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../src/config/index.ts'
import { goJson } from '../../src/go-json.ts'
import type { AxfrBody, AxfrRecords } from '../../src/records/axfr.ts'
import type { Enumeration } from '../../src/records/enumeration.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordsInput } from '../../src/records/input.ts'
import { listing } from '../../src/records/listing.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import type { Snapshot } from '../../src/zone/snapshot.ts'
import { sharedPath } from '../shared.ts'
import { type Reply, SERIAL, serve, snapshot } from './setup.ts'

interface Recording {
  readonly options: RequestOptions
  readonly path: string
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** A file holds the curl command, the response as it came, and one more newline. */
function parseRecording(file: string): Recording {
  const [, command = '', status = '', head = '', body = ''] =
    /^\$ curl (.*)\nHTTP\/1\.1 (\d+) [^\n]*\r\n(.*?)\r\n\r\n(.*)\n$/s.exec(
      readFileSync(file, 'utf8'),
    ) ?? []
  const { pathname } = new URL(command.split(' ').at(-1) ?? '')
  const accept = /-H accept: (\S+)/.exec(command)?.[1]
  return {
    options: {
      method: command.includes('-I ') ? 'HEAD' : (/-X (\S+)/.exec(command)?.[1] ?? 'GET'),
      headers: accept === undefined ? {} : { accept },
    },
    path: pathname,
    status: Number(status),
    contentType: /^content-type: (.*)$/im.exec(head)?.[1]?.trim() ?? '',
    body,
  }
}

/** The settings of the recorded run, and the cluster it saw. */
const CONFIG = {
  masters: ['127.0.0.1:5050'],
  listener: '127.0.0.1',
  HTTPListener: '127.0.0.1',
  httpport: 0,
  refreshSeconds: 2,
  IPSources: ['netinfo', 'docker', 'mesos', 'host'],
}

function recordedCluster(stateFile: string): Snapshot {
  const leader = { host: '127.0.0.1', port: 5050 }
  const report = new Report()
  const state = decodeState(JSON.parse(readFileSync(stateFile, 'utf8')), report)
  const { config } = parseConfig(JSON.stringify(CONFIG))
  const input: RecordsInput = {
    state: { ...state, leader },
    masters: [leader],
    hosts: new Map([['localhost', ['127.0.0.1']]]),
    listenerAddresses: ['127.0.0.1'],
    config,
    report,
  }
  return snapshot({
    records: generateRecords(input),
    config,
    listing: async (kind) => [...listing(kind, input, config, SERIAL)],
  })
}

/** `name target:port`: SRV records of tasks with a discovery port, seen from the agents as well. */
type Twins = ReadonlySet<string>

const inSlave = (text: string) => text.replace(/\.mesos\.(?=:|$)/, '.slave.mesos.')

function twinsOf(records: Iterable<readonly [name: string, host: string]>): Twins {
  return new Set(Array.from(records, ([name, host]) => `${inSlave(name)} ${inSlave(host)}`))
}

type Compare = (ours: Reply, theirs: Recording) => void

function compareBytes(ours: Reply, theirs: Recording): void {
  assert.equal(ours.body, theirs.body)
}

function compareVersion(ours: Reply, theirs: Recording): void {
  const withoutOwn = (body: string) =>
    body.startsWith('{') ? goJson({ ...JSON.parse(body), URL: '-', Version: '-' }) : body
  assert.equal(withoutOwn(ours.body), withoutOwn(theirs.body))
}

/** Hosts and services: lists that stand for sets. */
function compareList(ours: Reply, theirs: Recording): void {
  const sorted = (body: string) =>
    goJson((JSON.parse(body) as object[]).map((entry) => goJson(entry)).sort())
  assert.equal(ours.body.length, theirs.body.length)
  assert.equal(sorted(ours.body), sorted(theirs.body))
}

function compareEnumeration(ours: Reply, theirs: Recording): void {
  const expected: Enumeration = JSON.parse(theirs.body)
  const listed = new Set(flatRecords(expected).map(({ name, host }) => `${name} ${host}`))
  const twins = twinsOf(flatRecords(expected).map(({ name, host }) => [name, host]))
  // The fork lists discovery ports below `slave` too, and so do we; Mesos-DNS itself does not.
  const isAddition = (name: string, host: string) =>
    !listed.has(`${name} ${host}`) && twins.has(`${name} ${host}`)
  const actual: Enumeration = JSON.parse(ours.body)
  const without = {
    frameworks: (actual.frameworks ?? []).map(({ tasks, name }) => ({
      tasks: (tasks ?? []).map((task) => ({
        ...task,
        records: task.records?.filter((record) => !isAddition(record.name, record.host)) ?? null,
      })),
      name,
    })),
  }
  assert.equal(goJson(without), theirs.body)
}

function flatRecords({ frameworks }: Enumeration) {
  return (frameworks ?? []).flatMap(({ tasks }) =>
    (tasks ?? []).flatMap(({ records }) => records ?? []),
  )
}

function compareAxfr(ours: Reply, theirs: Recording): void {
  const expected: AxfrBody = JSON.parse(theirs.body)
  const srvs = Object.entries(expected.Records.SRVs)
  const twins = twinsOf(srvs.flatMap(([name, hosts]) => hosts.map((host) => [name, host] as const)))
  const actual: AxfrBody = JSON.parse(ours.body)
  const without: Record<string, string[]> = {}
  for (const [name, hosts] of Object.entries(actual.Records.SRVs)) {
    const theirHosts = expected.Records.SRVs[name] ?? []
    const kept = hosts.filter((host) => theirHosts.includes(host) || !twins.has(`${name} ${host}`))
    if (kept.length > 0) without[name] = kept
  }
  const normal = (body: AxfrBody, SRVs: AxfrRecords) =>
    goJson({
      ...body,
      Serial: 0,
      Records: {
        As: sortedValues(body.Records.As),
        AAAAs: sortedValues(body.Records.AAAAs),
        SRVs: sortedValues(SRVs),
      },
    })
  assert.equal(normal(actual, without), normal(expected, expected.Records.SRVs))
}

function sortedValues(records: AxfrRecords): AxfrRecords {
  return Object.fromEntries(
    Object.entries(records).map(([name, values]) => [name, [...values].sort()]),
  )
}

function comparison(path: string): Compare {
  if (path.startsWith('/v1/version')) return compareVersion
  if (path === '/v1/enumerate') return compareEnumeration
  if (path === '/v1/axfr') return compareAxfr
  if (path.endsWith('/ports')) return compareBytes
  return compareList
}

const folder = sharedPath('mesos-dns/rest')
const stateFile = sharedPath('mesos-dns/states/fake.json')

if (folder === undefined || stateFile === undefined) {
  test('recorded answers of Mesos-DNS', {
    skip: 'the recordings are not beside this checkout',
  })
} else {
  const recordings = readdirSync(folder).sort()
  const current = recordedCluster(stateFile)
  const config = parseConfig(JSON.stringify(CONFIG)).config

  test('there are recordings of every path', () => assert.ok(recordings.length >= 20))

  for (const file of recordings) {
    const theirs = parseRecording(join(folder, file))

    test(`${file}: answered as Mesos-DNS did`, async (t) => {
      // Of three agents' addresses, chance had it that the first one was recorded.
      const { request } = await serve(t, { config, snapshot: () => current, random: () => 0 })
      const ours = await request(theirs.path, theirs.options)
      assert.equal(ours.status, theirs.status)
      assert.equal(ours.headers['content-type'], theirs.contentType)
      comparison(theirs.path)(ours, theirs)
    })

    if (!theirs.contentType.startsWith('application/json')) continue
    test(`${file}: its JSON is laid out as ours is`, () => {
      assert.equal(goJson(JSON.parse(theirs.body)), theirs.body)
    })
  }
}
