// What Mesos-DNS itself does with a number of files, outcome by outcome.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sharedPath } from '../shared.ts'
import { complaints } from './complaints.ts'

interface Case {
  readonly slug: string
  readonly config?: Record<string, unknown>
  readonly outcome: string
}

/** Where we decided otherwise, and why. */
const DECIDED: Readonly<Record<string, { readonly starts: boolean; readonly because: string }>> = {
  'master-hostname': { starts: true, because: 'host names of masters are resolved' },
  'zk-mixedports': { starts: true, because: 'port 2181 is the default for every server of a list' },
  'zk-noport': { starts: true, because: 'it is valid, there was only no ZooKeeper to talk to' },
  'ipsources-autoip': { starts: true, because: 'this source is new' },
  'zone-upper-domain': { starts: false, because: 'the zone would take the place of our own' },
  'domain-longlabel': { starts: false, because: 'no name in such a domain can be asked' },
  'timeout-neg': { starts: false, because: 'every forwarded query would fail' },
}

/** Those that are about the command line. */
const ELSEWHERE = ['missing-file', 'version2', 'help']

function read(path: string): string {
  if (path === '/etc/hostname') return 'host-1\n'
  throw Object.assign(new Error(path), { code: 'ENOENT' })
}

const path = sharedPath('mesos-dns/config-cases.json')

test('outcomes of Mesos-DNS', {
  skip: path === undefined && 'no reference material',
}, async (t) => {
  const cases: readonly Case[] = JSON.parse(readFileSync(path ?? '', 'utf8'))
  for (const { slug, config, outcome } of cases) {
    if (ELSEWHERE.includes(slug)) continue
    const decided = DECIDED[slug]
    const starts = outcome === 'starts'
    await t.test(`${slug}: ${decided?.because ?? outcome}`, () => {
      const text = JSON.stringify({ masters: ['127.0.0.1:5050'], ...config })
      const found = complaints(text, { read })
      assert.equal(found.length === 0, decided?.starts ?? starts, found.join('\n'))
      if (decided !== undefined) assert.notEqual(decided.starts, starts, 'not a difference')
    })
  }
})
