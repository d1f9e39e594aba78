import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { SimulatedCluster, stateDocument } from '../../src/demo/index.ts'
import { sharedPath } from '../shared.ts'
import { run } from './terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-render-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function config(change: object = {}): string {
  const settings = { masters: ['10.0.0.250:5050'], listener: '127.0.0.53', ...change }
  return file(`config-${JSON.stringify(change).length}.json`, settings)
}

/** One agent, one task with one port, and what the masters look like. */
function smallState(change: object = {}): string {
  const cluster = new SimulatedCluster({ seed: 1, clock: () => 1_700_000_000_000 })
  const [master] = cluster.masters
  assert.ok(master !== undefined)
  cluster.bindMaster(master, { host: '10.0.0.250', port: 5050 }, '10.0.0.250')
  cluster.addAgent()
  const framework = cluster.addFramework({ name: 'marathon' })
  cluster.launch(framework, { name: 'web', ports: 1 }, { id: 'web.1' })
  return file('state.json', { ...stateDocument(cluster, master), ...change })
}

function render(format: string, ...more: string[]) {
  const [configuration = config(), ...flags] = more
  return run([
    'render',
    '--config',
    configuration,
    '--state',
    smallState(),
    '--format',
    format,
    ...flags,
  ])
}

const ZONE = `$ORIGIN mesos.
$TTL 60
@ IN SOA ns1.mesos. root.ns1.mesos. 7 60 600 86400 60
@ IN NS ns1.mesos.
_leader._tcp IN SRV 0 1 5050 leader.mesos.
_leader._udp IN SRV 0 1 5050 leader.mesos.
_slave._tcp IN SRV 0 1 5051 slave.mesos.
_web._tcp.marathon IN SRV 0 1 31000 web-HASH-s0.marathon.slave.mesos.
_web._tcp.marathon.slave IN SRV 0 1 31000 web-HASH-s0.marathon.slave.mesos.
_web._udp.marathon IN SRV 0 1 31000 web-HASH-s0.marathon.slave.mesos.
_web._udp.marathon.slave IN SRV 0 1 31000 web-HASH-s0.marathon.slave.mesos.
leader IN A 10.0.0.250
master IN A 10.0.0.250
master0 IN A 10.0.0.250
ns1 IN A 127.0.0.53
slave IN A 10.0.0.1
web-HASH-s0.marathon IN A 10.0.0.1
web-HASH-s0.marathon.slave IN A 10.0.0.1
web.marathon IN A 10.0.0.1
web.marathon.slave IN A 10.0.0.1
`

describe('render', () => {
  test('prints the zone of a state', async () => {
    const { status, out, complaints } = await render('zone', config(), '--serial', '7')
    assert.deepEqual([status, complaints], [0, []])
    assert.equal(out.replaceAll('\t', ' ').replace(/web-\w{5}-s0/g, 'web-HASH-s0'), ZONE)
  })

  test('derives the same serial from the same records, and another from others', async () => {
    const serial = async (...configuration: string[]) =>
      / root\.ns1\.mesos\. (\d+) /.exec((await render('zone', ...configuration)).out)?.[1]
    const first = await serial()
    assert.ok(Number(first) > 0, first)
    assert.equal(await serial(), first)
    assert.notEqual(await serial(config({ srvRecordDefaultWeight: 2 })), first)
  })

  test('prints the records as JSON, one set a line', async () => {
    const { out } = await render('json', config({ ttl: 30 }))
    const sets: { name: string }[] = JSON.parse(out)
    assert.equal(out.trim().split('\n').length, sets.length + 2)
    assert.deepEqual(
      sets.find(({ name }) => name === 'web.marathon.mesos.'),
      { name: 'web.marathon.mesos.', type: 'A', ttl: 30, rdata: ['10.0.0.1'] },
    )
    assert.deepEqual(
      sets.map(({ name }) => name),
      sets.map(({ name }) => name).sort(),
    )
  })

  test('prints the body of /v1/axfr, in its layout', async () => {
    const { out } = await render('axfr', config({ refreshSeconds: 5 }), '--serial', '7')
    assert.ok(out.startsWith('{\n  "TTL": 60,\n  "Serial": 7,\n  "RefreshSeconds": 5,\n'), out)
    assert.ok(out.endsWith('\n }'))
    const { Records } = JSON.parse(out)
    assert.deepEqual(Records.As['web.marathon.mesos.'], ['10.0.0.1'])
    assert.deepEqual(Records.SRVs['_leader._tcp.mesos.'], ['leader.mesos.:5050'])
  })

  test('takes the leader of the state for the master where ZooKeeper is configured', async () => {
    const { out } = await render('zone', config({ masters: [], zk: 'zk://127.0.0.1:2181/mesos' }))
    assert.match(out, /^master0\tIN\tA\t10\.0\.0\.250$/m)
  })

  test('tells what it could not use', async () => {
    const state = smallState({ slaves: [{ id: 'S9' }], leader: 'master@nowhere.invalid:5050' })
    const { status, complaints } = await run(['render', '--config', config(), '--state', state])
    assert.equal(status, 0)
    assert.ok(
      complaints.some((line) => /^agent-[a-z-]+: S9/.test(line)),
      complaints.join('\n'),
    )
    assert.ok(
      complaints.some((line) => /nowhere\.invalid/.test(line)),
      complaints.join('\n'),
    )
  })

  const FAULTS: readonly (readonly [
    what: string,
    content: string | undefined,
    complaint: RegExp,
  ])[] = [
    [
      'is not there',
      undefined,
      /cannot be read \(ENOENT.*; --state takes a file with the body of GET/,
    ],
    ['is no JSON', '{"leader"', /is not JSON \(.*; --state takes/],
    ['is no JSON on several lines', '{\n"leader":\nx}', /^[^\n]*is not JSON \([^\n]*$/],
    ['is no object', '[]', /odd-state\.json: a Mesos state is a JSON object.*; expected the body/],
    ['is no state', '{"a": 1}', /odd-state\.json: this JSON object is no Mesos state/],
  ]
  for (const [what, content, complaint] of FAULTS) {
    test(`says so when the state ${what}`, async () => {
      const path = content === undefined ? join(folder, 'none') : file('odd-state.json', content)
      const outcome = await run(['render', '--config', config(), '--state', path])
      assert.deepEqual([outcome.status, outcome.out], [1, ''])
      assert.match(outcome.complaints.join('\n'), complaint)
    })
  }
})

test('render --format axfr prints what Mesos-DNS served for the same state', async (t) => {
  const recorded = sharedPath('mesos-dns/rest/023-axfr.txt')
  const states = sharedPath('mesos-dns/states/fake.json')
  if (recorded === undefined || states === undefined) {
    return t.skip('no recordings of Mesos-DNS beside this checkout')
  }
  // The command that was run, the head of the answer, an empty line, the body.
  const body = readFileSync(recorded, 'utf8').replace(/^[\s\S]*?\r?\n\r?\n/, '')
  const theirs = JSON.parse(body)
  // The recording's master was on loopback.
  const state = { ...JSON.parse(readFileSync(states, 'utf8')), leader: 'master@127.0.0.1:5050' }
  const settings = {
    masters: ['127.0.0.1:5050'],
    listener: '127.0.0.1',
    refreshSeconds: 2,
    IPSources: ['netinfo', 'docker', 'mesos', 'host'],
  }
  const line = ['render', '--config', file('axfr.json', settings), '--format', 'axfr']
  const serial = ['--serial', String(theirs.Serial)]
  const { out } = await run([...line, ...serial, '--state', file('fake.json', state)])
  const ours = JSON.parse(out)
  ours.Records.SRVs = withoutForkRecords(ours.Records.SRVs, theirs.Records.SRVs)
  assert.deepEqual(sortValues(ours), sortValues(theirs))
  assert.deepEqual(layout(out), layout(body))
})

/** SRV records by name; less those of discovery ports below `slave`, which only Mesos-DNS's fork has. */
function withoutForkRecords(ours: Record<string, string[]>, theirs: Record<string, string[]>) {
  const kept = Object.entries(ours).map(([name, values]): [string, string[]] => [
    name,
    name.endsWith('.slave.mesos.')
      ? values.filter((value) => theirs[name]?.includes(value))
      : values,
  ])
  return Object.fromEntries(kept.filter(([, values]) => values.length > 0))
}

/** Values have no order. */
function sortValues(value: unknown): unknown {
  if (Array.isArray(value)) return [...value].sort()
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([key, part]) => [key, sortValues(part)])
}

/** The lines of a body down to its SRV records, without the values, which have no order. */
function layout(body: string): string[] {
  const [head = ''] = body.split('"SRVs"')
  return head.split('\n').map((line) => line.replace(/^( +)"[^"]*"(,?)$/, '$1value$2'))
}
