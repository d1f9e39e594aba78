import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { parseConfig } from '../../src/config/index.ts'
import { RecordSet } from '../../src/records/record-set.ts'
import { zoneFile } from '../../src/zone/zone-file.ts'
import { recordSet } from '../presentation.ts'

const SERIAL = 2026112301

function config(change: object = {}) {
  return parseConfig(JSON.stringify({ masters: ['127.0.0.1:5050'], ...change })).config
}

/** The lines of the file, tabs as blanks. */
function lines(records: RecordSet, change: object = {}): string[] {
  const text = [...zoneFile(records, config(change), SERIAL)].join('')
  assert.ok(text.endsWith('\n'))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll('\t', ' '))
}

const HEAD = [
  '$ORIGIN mesos.',
  '$TTL 60',
  `@ IN SOA ns1.mesos. root.ns1.mesos. ${SERIAL} 60 600 86400 60`,
  '@ IN NS ns1.mesos.',
]

describe('a zone file', () => {
  test('of no records has the apex alone', () => {
    assert.deepEqual(lines(new RecordSet()), HEAD)
  })

  test('has every type, sorted by name, with a TTL where it is not the default', () => {
    const records = recordSet([
      'web.marathon.mesos. - A 10.0.0.2',
      'web.marathon.mesos. - A 10.0.0.1',
      'web.marathon.mesos. - AAAA fd01:b::1',
      '_web._tcp.marathon.mesos. - SRV 0 1 31000 web-abcde-s0.marathon.mesos.',
      'www.mesos. 300 CNAME web.marathon.mesos.',
      'mesos. - TXT hello',
    ])
    assert.deepEqual(lines(records).slice(HEAD.length), [
      '_web._tcp.marathon IN SRV 0 1 31000 web-abcde-s0.marathon.mesos.',
      '@ IN TXT "hello"',
      'web.marathon IN A 10.0.0.1',
      'web.marathon IN A 10.0.0.2',
      'web.marathon IN AAAA fd01:b::1',
      'www 300 IN CNAME web.marathon.mesos.',
    ])
  })

  test('has the numbers of the configuration', () => {
    const [origin, ttl, soa, ns] = lines(new RecordSet(), {
      domain: 'cluster.example',
      ttl: 30,
      SOAMname: 'a.example.com',
      SOARname: 'ops@example.com',
      SOARefresh: 1,
      SOARetry: 2,
      SOAExpire: 3,
      SOAMinttl: 4,
    })
    assert.deepEqual(
      [origin, ttl, soa, ns],
      [
        '$ORIGIN cluster.example.',
        '$TTL 30',
        `@ IN SOA a.example.com. ops.example.com. ${SERIAL} 1 2 3 4`,
        '@ IN NS a.example.com.',
      ],
    )
    const old = lines(new RecordSet(), { ttl: 30, compat: { soaMinimumFromTtl: true } })
    assert.match(old[2] ?? '', / 86400 30$/)
  })

  const TEXTS: readonly (readonly [text: string, presented: string])[] = [
    ['', '""'],
    ['say "hi" \\ bye', '"say \\"hi\\" \\\\ bye"'],
    ['semi; $dollar @at', '"semi; $dollar @at"'],
    ['é\n', '"\\195\\169\\010"'],
    ['x'.repeat(255), `"${'x'.repeat(255)}"`],
    ['x'.repeat(256), `"${'x'.repeat(255)}" "x"`],
  ]
  for (const [text, presented] of TEXTS) {
    test(`quotes the text ${JSON.stringify(text.slice(0, 20))} of ${text.length} characters`, () => {
      const records = new RecordSet()
      records.add('TXT', 'note.mesos.', text)
      assert.deepEqual(lines(records).slice(HEAD.length), [`note IN TXT ${presented}`])
    })
  }

  test('leaves out what nobody can ask for, and says how much', () => {
    const records = recordSet([
      'Web-API.marathon.mesos. - A 10.0.0.1',
      '.mesos. - A 10.0.0.1',
      `${'x'.repeat(64)}.mesos. - A 10.0.0.1`,
      '*.marathon.mesos. - A 10.0.0.1',
      'ns1.elsewhere. - A 10.0.0.1',
      'notmesos. - A 10.0.0.1',
    ])
    assert.deepEqual(lines(records).slice(HEAD.length), [
      '; left out: 6 sets of names outside mesos. or that nobody can ask for over DNS',
    ])
  })

  test('shows port numbers as they are on the wire, each record once', () => {
    const records = recordSet([
      '_a._tcp.fw.mesos. - SRV 0 1 70000 a.fw.mesos.',
      '_a._tcp.fw.mesos. - SRV 0 1 4464 a.fw.mesos.',
      '_a._tcp.fw.mesos. - SRV 0 1 -5 a.fw.mesos.',
    ])
    assert.deepEqual(lines(records).slice(HEAD.length), [
      '_a._tcp.fw IN SRV 0 1 4464 a.fw.mesos.',
      '_a._tcp.fw IN SRV 0 1 65531 a.fw.mesos.',
    ])
  })

  test('leaves out rdata that has no wire form', () => {
    const records = recordSet([
      '_a._tcp.fw.mesos. - SRV 0 1 80 with(mark.fw.mesos.',
      'b.fw.mesos. - A not-an-address',
    ])
    assert.deepEqual(lines(records), HEAD)
  })

  test('has reverse names as comments, for they are in other zones', () => {
    const records = recordSet(['1.0.0.10.in-addr.arpa. - PTR web.marathon.mesos.'])
    assert.deepEqual(lines(records).slice(HEAD.length), [
      '; 1.0.0.10.in-addr.arpa. IN PTR web.marathon.mesos.',
    ])
  })
})

/** A zone with all that is awkward in one. */
function awkward(): RecordSet {
  const records = recordSet([
    'ns1.mesos. - A 10.0.0.53',
    'web.marathon.mesos. - A 10.0.0.1',
    'web.marathon.mesos. 5 AAAA fd01:b::1',
    '_web._tcp.marathon.mesos. - SRV 0 1 70000 web.marathon.mesos.',
    '_gone._tcp.marathon.mesos. - SRV 0 1 80 gone.marathon.mesos.',
    'www.mesos. 300 CNAME web.marathon.mesos.',
    'Raw.Name.mesos. - A 10.0.0.1',
    '*.mesos. - A 10.0.0.1',
    '$generate.mesos. - TXT directive?',
    '1.0.0.10.in-addr.arpa. - PTR web.marathon.mesos.',
    `${'x'.repeat(63)}.mesos. - TXT long`,
  ])
  records.add('TXT', 'note.mesos.', `"quoted" \\ é ; ${'y'.repeat(600)}`)
  return records
}

/** Runs a checker on the awkward zone; a missing one is an error in CI only. */
function check(t: TestContext, program: string, argv: (file: string) => string[], from: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-zone-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'mesos.zone')
  writeFileSync(file, [...zoneFile(awkward(), config(), SERIAL)].join(''))
  const { error, status, stdout, stderr } = spawnSync(program, argv(file), { encoding: 'utf8' })
  if (error !== undefined) {
    assert.ok(process.env['CI'] === undefined, `${program} is missing: install ${from}`)
    return t.skip(`${program} is not installed (${from})`)
  }
  assert.equal(status, 0, `${stdout}${stderr}`)
}

test('BIND loads the file', (t) => {
  check(t, 'named-checkzone', (file) => ['mesos', file], 'bind9-utils')
})

test('Knot loads the file', (t) => {
  check(t, 'kzonecheck', (file) => ['-o', 'mesos.', file], 'knot-dnssecutils')
})
