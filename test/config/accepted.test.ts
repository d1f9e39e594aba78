// Values that are taken in another form than written, and those that only raise a warning.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Config, parseConfig } from '../../src/config/index.ts'
import { complaints, fileWith, warnings } from './complaints.ts'

const LABEL = 'a'.repeat(63)

const NORMALISED: readonly (readonly [
  settings: Record<string, unknown>,
  expected: Partial<Config>,
])[] = [
  [
    { masters: ['M1.Example:5050', '[2001:DB8::0:1]:5050', '::ffff:1.2.3.4'].slice(0, 2) },
    { masters: ['m1.example:5050', '[2001:db8::1]:5050'] },
  ],
  [{ masters: ['10.0.0.1:1', '10.0.0.1:65535'] }, { masters: ['10.0.0.1:1', '10.0.0.1:65535'] }],
  [{ zkDetectionTimeout: -7 }, { zkDetectionTimeout: 0 }],
  [{ ttl: 0 }, { ttl: 0 }],
  [{ ttl: 1.0 }, { ttl: 1 }],
  [{ timeout: 0 }, { timeout: 5 }],
  [
    { port: 0, httpport: 65535 },
    { port: 0, httpPort: 65535 },
  ],
  [{ domain: `-Mesos-.${LABEL}`, SOAMname: 'a' }, { domain: `-mesos-.${LABEL}` }],
  [{ listener: '2001:DB8::0' }, { listener: ['2001:db8::'] }],
  [{ listener: '::' }, { listener: ['::'] }],
  [{ listener: '::ffff:10.0.0.1' }, { listener: ['10.0.0.1'] }],
  [{ listener: ['0.0.0.0'] }, { listener: ['0.0.0.0'] }],
  [{ listener: ['10.0.0.1', '2001:DB8::0'] }, { listener: ['10.0.0.1', '2001:db8::'] }],
  [{ listener: null }, { listener: ['0.0.0.0'] }],
  [{ workers: 64 }, { workers: 64 }],
  [{ workers: 'auto' }, { workers: 'auto' }],
  [{ HTTPListener: '' }, { httpListener: '0.0.0.0' }],
  [{ HTTPListener: 'localhost' }, { httpListener: 'localhost' }],
  [{ HTTPListener: '::1' }, { httpListener: '::1' }],
  [{ SOAMname: 'NS1.mesos...' }, { soaMname: 'ns1.mesos.' }],
  [{ SOARname: 'root@ns1.mesos...' }, { soaRname: 'root.ns1.mesos.' }],
  [{ SOARname: 'dns+ops@Example.org' }, { soaRname: 'dns+ops.Example.org.' }],
  [{ SOAExpire: 4294967295 }, { soaExpire: 4294967295 }],
  [
    { resolvers: ['1.1.1.1', '1.1.1.1:54', '::1', '[::2]:53'] },
    { resolvers: ['1.1.1.1:53', '1.1.1.1:54', '[::1]:53', '[::2]:53'] },
  ],
  [{ resolvers: [] }, { resolvers: [] }],
  [
    { zoneResolvers: { WEAVE: ['1.1.1.1'], 'b.Weave2': ['1.1.1.1'] } },
    { zoneResolvers: { weave: ['1.1.1.1:53'], 'b.weave2': ['1.1.1.1:53'] } },
  ],
  [
    { externalon: false, resolvers: ['dns.example', '1.1.1.1'], zoneResolvers: { mesos: [] } },
    { resolvers: ['1.1.1.1:53'], zoneResolvers: {} },
  ],
  [
    { IPSources: ['label:Docker.IP', 'autoip', 'label:x'] },
    { ipSources: ['label:Docker.IP', 'autoip', 'label:x'] },
  ],
  [
    { allowRecursion: ['10.1.2.3/8', 'fd00::1/8', '192.0.2.1', '::1', '::ffff:10.1.2.3/104'] },
    { allowRecursion: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1/32', '::1/128', '10.0.0.0/8'] },
  ],
  [{ allowRecursion: [] }, { allowRecursion: [] }],
  [{ nsid: 'é'.repeat(64) }, { nsid: 'é'.repeat(64) }],
  [{ cookieSecret: 'AbCdEf01'.repeat(4) }, { cookieSecret: 'abcdef01'.repeat(4) }],
  [
    { ZKTLS: { ON: true, CACertFile: '/ca' }, zk: 'zk://h/mesos' },
    { zkTls: { on: true, caCertFile: '/ca', certFile: '', keyFile: '' } },
  ],
  [{ updates: 'poll', auditSeconds: 10 }, { updates: 'poll' }],
  [{ shrinkThreshold: 0 }, { shrinkThreshold: 0 }],
  [{ maxStale: 180 }, { maxStale: 180, staleAfter: 0 }],
  [{ maxStale: 60, staleAfter: 1 }, { maxStale: 60 }],
]

for (const [settings, expected] of NORMALISED) {
  test(`takes ${JSON.stringify(settings).slice(0, 80)}`, () => {
    assert.deepEqual(complaints(fileWith(settings)), [])
    const { config } = parseConfig(fileWith(settings))
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(config[field as keyof Config], value)
    }
  })
}

test('a Config is plain data, as threads are given it', () => {
  const { config } = parseConfig(
    fileWith({
      mesosCredentials: { principal: 'p', secret: 's' },
      mesosAuthentication: 'basic',
      listener: ['10.0.0.1', '10.0.0.2'],
      zoneResolvers: { 'corp.example': ['10.0.0.53'] },
      staticRecords: [{ name: 'db', type: 'A', address: '10.0.0.1' }],
      compat: { srvMissNoError: true },
    }),
  )
  assert.deepEqual(structuredClone(config), config)
})

const credentials = { principal: 'p', secret: 's' }

const WARNED: readonly (readonly [settings: Record<string, unknown>, ...warnings: RegExp[]])[] = [
  [{}],
  [
    { MesosHTTPSOn: true },
    /MesosHTTPSOn = true: THE MASTERS’ CERTIFICATES ARE NOT VERIFIED: .*; set CACertFile$/,
  ],
  [{ MesosHTTPSOn: true, CACertFile: '/ca.pem' }],
  [
    { zk: 'zk://h/mesos', zkTLS: { on: true } },
    /zkTLS = \{"on":true\}: THE ZOOKEEPER SERVERS’ CERTIFICATES ARE NOT VERIFIED: .*; set zkTLS\.caCertFile$/,
  ],
  [{ zk: 'zk://h/mesos', zkTLS: { on: true, caCertFile: '/ca.pem' }, zkStrict: true }],
  [{ zk: 'file:///zk', zkTLS: { on: true, caCertFile: '/ca.pem' }, zkStrict: true }],
  [
    { zk: 'zk://h/mesos', zkTLS: { caCertFile: '/ca.pem' } },
    /zkTLS = .*: is not used; set "on": true in it, or remove it$/,
  ],
  ...['', 'master@10.0.0.1:5050'].map(
    (zk) =>
      [
        { zk, zkTLS: { on: true }, zkStrict: true },
        /zkTLS = .*: is not used; set "zk": "zk:\/\/host:port\/path", or remove it$/,
        /zkStrict = true: is not used; set "zk": "zk:\/\/host:port\/path", or remove it$/,
      ] as const,
  ),
  [
    { zk: 'zk://h/mesos', zkStrict: true, zkDetectionTimeout: 0 },
    /zkStrict = true: never ends the process, as zkDetectionTimeout is 0; set zkDetectionTimeout$/,
  ],
  [{ zkTLS: { on: false } }],
  ...['auto', 'stream'].map(
    (updates) =>
      [
        { updates, auditSeconds: 59 },
        /auditSeconds = 59: is less than refreshSeconds \(60\), .*; set 60 or more, or lower refreshSeconds$/,
      ] as const,
  ),
  [{ updates: 'poll', auditSeconds: 59 }],
  [{ auditSeconds: 60 }],
  [{ mesosAuthentication: 'iam', IAMConfigFile: '/i', CACertFile: '/ca.pem' }],
  [
    { mesosCredentials: credentials },
    /mesosCredentials = "\*\*\*": is not used; set "mesosAuthentication": "basic", or remove it$/,
  ],
  [
    { mesosCredentials: credentials, mesosAuthentication: 'iam', IAMConfigFile: '/i' },
    /mesosAuthentication = "iam": THE LOGIN ENDPOINT’S CERTIFICATE IS NOT VERIFIED: .*; set CACertFile$/,
    /mesosCredentials = "\*\*\*": is not used/,
  ],
  [{ mesosCredentials: credentials, mesosAuthentication: 'basic' }],
  [
    { mesosCredentials: { principal: 'a:b' }, mesosAuthentication: 'basic' },
    /mesosCredentials\.principal = "a:b": has a colon/,
  ],
  [
    { IAMConfigFile: '/i' },
    /IAMConfigFile = "\/i": is not used; set "mesosAuthentication": "iam", or remove it$/,
  ],
  [
    { domain: 'a.b' },
    /SOAMname: is still ns1\.mesos, outside the domain, .*; set "SOAMname": "ns1\.a\.b"$/,
  ],
  [{ domain: 'a.b', SOAMname: 'ns.example.' }],
  [
    { cookies: false, cookieSecret: 'f'.repeat(32) },
    /cookieSecret = "\*\*\*": is not used; set "cookies": true, or remove it$/,
  ],
  [
    { cookies: false, cookieSecretFile: '/f' },
    /cookieSecretFile = "\/f": is not used; set "cookies": true, or remove it$/,
  ],
  [
    { allowRecursion: ['10.0.0.0/8', '0.0.0.0/0', '::/0'] },
    /allowRecursion\[1\] = "0\.0\.0\.0\/0": makes this an open resolver/,
    /allowRecursion\[2\] = "::\/0"/,
  ],
  [{ allowRecursion: ['0.0.0.0/0'], externalon: false }],
]

for (const [settings, ...expected] of WARNED) {
  test(`warns ${expected.length} times of ${JSON.stringify(settings)}`, () => {
    const found = warnings(fileWith(settings))
    assert.equal(found.length, expected.length, found.join('\n'))
    for (const [i, pattern] of expected.entries()) assert.match(found[i] ?? '', pattern)
  })
}
