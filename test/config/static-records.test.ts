import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../src/config/index.ts'
import { complaints, fileWith } from './complaints.ts'

/** `name ttl type rdata` of each record, `-` for no TTL. */
function presented(
  staticRecords: readonly unknown[],
  settings: Record<string, unknown> = {},
): string[] {
  const { config } = parseConfig(fileWith({ staticRecords, ...settings }))
  return config.staticRecords.map(
    ({ name, ttl, type, rdata }) => `${name} ${ttl ?? '-'} ${type} ${rdata}`,
  )
}

test('every type, in presentation format', () => {
  assert.deepEqual(
    presented([
      { name: 'db', type: 'A', address: '10.0.0.1' },
      { name: 'DB.mesos.', type: 'AAAA', ttl: 300, address: '2001:DB8:0::1' },
      { name: '_db._tcp', type: 'SRV', port: 5432, target: 'db' },
      { name: '_db._tcp', type: 'SRV', priority: 1, weight: 5, port: 5432, target: 'DB.example.' },
      { name: '_off._tcp', type: 'SRV', port: 0, target: '.' },
      { name: 'www', type: 'CNAME', target: 'web.marathon' },
      { name: 'apex', type: 'CNAME', target: '@' },
      { name: 'ext', type: 'CNAME', target: 'example.org.' },
      { name: 'note', type: 'TXT', ttl: 0, text: 'Any text; "even" this' },
    ]),
    [
      'db.mesos. - A 10.0.0.1',
      'db.mesos. 300 AAAA 2001:db8::1',
      '_db._tcp.mesos. - SRV 0 1 5432 db.mesos.',
      '_db._tcp.mesos. - SRV 1 5 5432 db.example.',
      '_off._tcp.mesos. - SRV 0 1 0 .',
      'www.mesos. - CNAME web.marathon.mesos.',
      'apex.mesos. - CNAME mesos.',
      'ext.mesos. - CNAME example.org.',
      'note.mesos. 0 TXT Any text; "even" this',
    ],
  )
})

test('names follow the domain, weights the default weight', () => {
  assert.deepEqual(
    presented(
      [
        { name: '@', type: 'A', address: '10.0.0.1' },
        { name: 'a.b.', type: 'TXT', text: 'x' },
        { name: 's', type: 'SRV', port: 1, target: '@' },
      ],
      { domain: 'A.B', srvRecordDefaultWeight: 256 },
    ),
    ['a.b. - A 10.0.0.1', 'a.b. - TXT x', 's.a.b. - SRV 0 256 1 a.b.'],
  )
})

test('a name that contains the domain without a last dot is still relative', () => {
  assert.deepEqual(presented([{ name: 'db.mesos', type: 'A', address: '10.0.0.1' }]), [
    'db.mesos.mesos. - A 10.0.0.1',
  ])
})

const FIX =
  'use letters, digits, hyphens and underscores: db is db.mesos., db.example. stays as it is'
const A = { type: 'A', address: '10.0.0.1' }
const LONG = 'a'.repeat(64)

const REFUSED: readonly (readonly [records: readonly unknown[], complaint: string])[] = [
  [[{ ...A, name: '' }], `[0].name = "": is empty; ${FIX}`],
  [[{ ...A, name: '.' }], `[0].name = ".": is empty; ${FIX}`],
  [
    [{ ...A, name: '*.web' }],
    '[0].name = "*.web": has a wildcard; give each name a record of its own',
  ],
  [[{ ...A, name: 'a b' }], `[0].name = "a b": is not a domain name; ${FIX}`],
  [
    [{ ...A, name: 'a..b' }],
    `[0].name = "a..b": has an empty label (two dots in a row, or one at an end); ${FIX}`,
  ],
  [[{ ...A, name: LONG }], `[0].name = "${LONG}": has a label of 64 characters, 63 fit; ${FIX}`],
  [
    [{ ...A, name: `${'a.'.repeat(124)}a` }],
    `[0].name = "${'a.'.repeat(124).slice(0, 79)}…: has 255 characters, 253 fit; ${FIX}`,
  ],
  [
    [{ ...A, name: 'db.example.' }],
    '[0].name = "db.example.": is outside the domain mesos; leave the last dot out for a name in the domain',
  ],
  [
    [{ ...A, name: 'notmesos.' }],
    '[0].name = "notmesos.": is outside the domain mesos; leave the last dot out for a name in the domain',
  ],
  [
    [{ name: '@', type: 'CNAME', target: 'a' }],
    '[0].name = "@": is the domain itself, where no CNAME may stand; use a name below it',
  ],
  [
    [{ name: 'MESOS.', type: 'SRV', port: 1, target: 'a' }],
    '[0].name = "MESOS.": is the domain itself, where no SRV may stand; use a name below it',
  ],
  [
    [{ name: 'a', type: 'A', address: '::1' }],
    '[0].address = "::1": is not an IPv4 address; write one such as 10.0.0.1',
  ],
  [
    [{ name: 'a', type: 'AAAA', address: '10.0.0.1' }],
    '[0].address = "10.0.0.1": is not an IPv6 address; write one such as 2001:db8::1',
  ],
  [
    [{ name: 'a', type: 'AAAA', address: '::ffff:10.0.0.1' }],
    '[0].address = "::ffff:10.0.0.1": is not an IPv6 address; write one such as 2001:db8::1',
  ],
  [
    [{ name: 'a', type: 'CNAME', target: '.' }],
    '[0].target = ".": is the root; write the name it stands for',
  ],
  [
    [{ name: 'a', type: 'CNAME', target: 'A.mesos.' }],
    '[0].target = "A.mesos.": is the name itself; write the name it stands for',
  ],
  [
    [{ name: 'a', type: 'SRV', port: 1, target: 'a b' }],
    `[0].target = "a b": is not a domain name; ${FIX}`,
  ],
  [
    [{ name: 'a', type: 'SRV', port: 70000, target: 'a' }],
    '[0].port = 70000: must be at most 65535; use a whole number, 65535 or less',
  ],
  [
    [{ name: 'a', type: 'TXT', text: 'é'.repeat(513) }],
    `[0].text = "${'é'.repeat(79)}…: is longer than 1024 octets; shorten it, or split it in two records`,
  ],
  [
    [{ ...A, name: 'a', ttl: -1 }],
    '[0].ttl = -1: must be at least 0; use a whole number, 0 or more',
  ],
  [
    [
      { ...A, name: 'a' },
      { ...A, name: 'A.mesos.' },
    ],
    '[1].name = "A.mesos.": the same record is given twice; remove one',
  ],
  [
    [
      { ...A, name: 'a' },
      { name: 'a', type: 'CNAME', target: 'b' },
    ],
    '[0].name = "a": shares its name with the CNAME in staticRecords[1]; a CNAME must be alone: remove one',
  ],
  [
    [
      { name: 'a', type: 'CNAME', target: 'b' },
      { name: 'a', type: 'CNAME', target: 'c' },
    ],
    '[1].name = "a": shares its name with the CNAME in staticRecords[0]; a CNAME must be alone: remove one',
  ],
]

for (const [staticRecords, expected] of REFUSED) {
  test(`refuses ${JSON.stringify(staticRecords).slice(0, 80)}`, () => {
    const found = complaints(fileWith({ staticRecords }))
    assert.deepEqual(
      found.map((line) => line.replace(/^configuration:1:\d+: staticRecords/, '')),
      [expected],
    )
  })
}

test('names of good entries are looked at beside bad ones', () => {
  const found = complaints(
    fileWith({
      staticRecords: [
        { name: 'a', type: 'A' },
        { ...A, name: '*' },
      ],
    }),
  )
  assert.deepEqual(
    found.map((line) => line.replace(/^.*?(staticRecords\S+):? .*$/, '$1')),
    ['staticRecords[0].address:', 'staticRecords[1].name'],
  )
})

test('refuses every alias of a circle, and not the one that leads into it', () => {
  const alias = (name: string, target: string) => ({ name, type: 'CNAME', target })
  const staticRecords = [alias('a', 'b'), alias('b', 'c'), alias('c', 'B'), alias('d', 'web')]
  const found = complaints(fileWith({ staticRecords }))
  assert.deepEqual(
    found.map((line) => line.replace(/^configuration:1:\d+: staticRecords/, '')),
    [
      '[1].target = "c": leads back to b.mesos. in a circle; let one of them name a host',
      '[2].target = "B": leads back to c.mesos. in a circle; let one of them name a host',
    ],
  )
})
