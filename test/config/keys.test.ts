// The rules of Go's encoding/json that files written for Mesos-DNS rely on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseConfig } from '../../src/config/index.ts'
import { settingEntries } from '../../src/config/schema.ts'
import { complaints, fileWith, warnings } from './complaints.ts'

const MASTERS = '"masters": ["10.0.0.1:5050"]'

test('keys match in any letter case', () => {
  const { config } = parseConfig(
    `{"MASTERS": ["10.0.0.1:5050"], "DOMAIN": "foo", "Ttl": 5, "soamname": "ns1.foo"}`,
  )
  assert.deepEqual([config.domain, config.ttl, config.soaMname], ['foo', 5, 'ns1.foo.'])
})

/** A value for each key that is valid and not the default. */
const OTHER: Readonly<Record<string, unknown>> = {
  zk: 'zk://10.0.0.9:2181/mesos',
  masters: ['10.0.0.2:5050'],
  zkDetectionTimeout: 31,
  zkStrict: true,
  zkTLS: { on: true },
  refreshSeconds: 31,
  stateTimeoutSeconds: 31,
  MesosHTTPSOn: true,
  CACertFile: '/ca.pem',
  CertFile: '/client.pem',
  KeyFile: '/client.key',
  mesosAuthentication: 'basic',
  mesosCredentials: { principal: 'p', secret: 's' },
  IAMConfigFile: '/iam.json',
  updates: 'poll',
  auditSeconds: 31,
  failoverHoldSeconds: 31,
  failoverSettleSeconds: 31,
  shrinkThreshold: 31,
  shrinkConfirmations: 31,
  staleAfter: 31,
  maxStale: 310,
  dnson: false,
  domain: 'cluster',
  ttl: 31,
  listener: '127.0.0.1',
  port: 8053,
  workers: 2,
  udp: 'dgram',
  udpReceiveBuffer: 65536,
  recurseon: false,
  ordering: 'fixed',
  maxAnswers: 3,
  SetTruncateBit: false,
  ednsBufferSize: 1400,
  ResolvSubnetFirst: true,
  nsid: 'a',
  chaosOn: true,
  cookies: false,
  cookieSecret: '0123456789abcdef0123456789abcdef',
  cookieSecretFile: '/etc/cookie-secret',
  tcpIdleTimeout: 31,
  tcpMaxConnections: 31,
  tcpMaxConnectionsPerClient: 31,
  SOAMname: 'ns2.mesos.',
  SOARname: 'dns@example',
  SOARefresh: 31,
  SOARetry: 31,
  SOAExpire: 31,
  SOAMinttl: 31,
  IPSources: ['host'],
  EnforceRFC952: true,
  srvRecordDefaultWeight: 31,
  health: 'exclude',
  ReverseDnsOn: true,
  staticRecords: [{ name: 'db', type: 'A', address: '10.0.0.3' }],
  externalon: false,
  resolvers: ['10.0.0.53'],
  zoneResolvers: { 'corp.example': ['10.0.0.53'] },
  timeout: 31,
  allowRecursion: ['10.0.0.0/8'],
  httpon: false,
  HTTPListener: '127.0.0.1',
  httpport: 31,
  EnumerationOn: false,
  watchSeconds: 31,
  compat: { srvMissNoError: true },
}

/** `certfile` alone is refused, and so are both services off. */
const WITH: Readonly<Record<string, Record<string, unknown>>> = {
  CertFile: { KeyFile: '/client.key' },
  KeyFile: { CertFile: '/client.pem' },
  mesosAuthentication: { mesosCredentials: { principal: 'p' } },
}

for (const [field, { key }] of settingEntries) {
  test(`${key} sets Config.${field}, in any letter case`, () => {
    assert.ok(Object.hasOwn(OTHER, key), `this test has no value for ${key}`)
    const defaults = parseConfig(fileWith({})).config
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: key.length, maxLength: key.length }),
        (upper) => {
          const spelled = [...key]
            .map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase()))
            .join('')
          const { config } = parseConfig(
            JSON.stringify({
              ...JSON.parse(fileWith(WITH[key] ?? {})),
              ...(key === 'masters' ? { masters: [] } : {}),
              [spelled]: OTHER[key],
            }),
          )
          assert.notDeepEqual(config[field], defaults[field])
        },
      ),
      { numRuns: 8 },
    )
  })
}

test('members of objects match in any letter case, too', () => {
  const { config } = parseConfig(
    fileWith({
      mesosAuthentication: 'basic',
      MesosCredentials: { Principal: 'p', SECRET: 's' },
      compat: { SRVMISSNOERROR: true },
      staticRecords: [{ Name: 'db', Type: 'A', ADDRESS: '10.0.0.1' }],
    }),
  )
  assert.deepEqual(config.mesosCredentials, { principal: 'p', secret: 's' })
  assert.equal(config.compat.srvMissNoError, true)
  assert.equal(config.staticRecords[0]?.rdata, '10.0.0.1')
})

test('of a key given twice the last counts, in whatever letter case, with a warning', () => {
  const text = `{${MASTERS}, "ttl": 1, "TTL": 2, "ttl": 3}`
  assert.equal(parseConfig(text).config.ttl, 3)
  assert.deepEqual(warnings(text), [
    'configuration:1:49: TTL: is given twice, the last one counts; remove the others',
    'configuration:1:59: ttl: is given twice, the last one counts; remove the others',
  ])
})

test('objects given twice are merged, lists are not', () => {
  const { config } = parseConfig(
    `{${MASTERS}, "zoneResolvers": {"a": ["10.0.0.1"], "b": ["10.0.0.1"]}, "zoneResolvers": {"b": ["10.0.0.2"]},
      "resolvers": ["10.0.0.1", "10.0.0.2"], "resolvers": ["10.0.0.3"]}`,
  )
  assert.deepEqual(config.zoneResolvers, { a: ['10.0.0.1:53'], b: ['10.0.0.2:53'] })
  assert.deepEqual(config.resolvers, ['10.0.0.3:53'])
})

test('null leaves scalars and objects as they were', () => {
  const { config } = parseConfig(
    `{${MASTERS}, "ttl": 5, "ttl": null, "domain": null, "dnson": null, "compat": {"srvMissNoError": true}, "compat": null}`,
  )
  assert.deepEqual([config.ttl, config.domain, config.dnsOn], [5, 'mesos', true])
  assert.equal(config.compat.srvMissNoError, true)
})

test('null empties lists and maps', () => {
  const { config } = parseConfig(
    fileWith({ resolvers: null, allowRecursion: null, zoneResolvers: null }),
  )
  assert.deepEqual([config.resolvers, config.allowRecursion, config.zoneResolvers], [[], [], {}])
  assert.deepEqual(complaints('{"masters": null}'), [
    'configuration:1:13: masters = []: no Mesos master is given; set "masters": ["10.0.0.1:5050"] or "zk": "zk://10.0.0.1:2181/mesos"',
  ])
})

test('lists replace the default, they do not add to it', () => {
  const { config } = parseConfig(fileWith({ IPSources: ['host'] }))
  assert.deepEqual(config.ipSources, ['host'])
})

test('unknown keys are warned of with a guess, and have no effect', () => {
  assert.deepEqual(warnings(`{${MASTERS}, "refreshSecond": 5, "bogus": 1, "resolver": ["x"]}`), [
    'configuration:1:49: refreshSecond: is not a known key and is ignored; did you mean refreshSeconds?',
    'configuration:1:61: bogus: is not a known key and is ignored; remove it',
    'configuration:1:76: resolver: is not a known key and is ignored; did you mean resolvers?',
  ])
})

test('keys of old samples are ignored as Mesos-DNS does', () => {
  assert.deepEqual(
    warnings(
      `{${MASTERS}, "email": "root.mesos-dns.mesos", "ns": "ns1", "SOASerial": 42, "file": "x"}`,
    ),
    [
      'configuration:1:41: email: is ignored, as in Mesos-DNS: SOARname is what counts; remove it',
      'configuration:1:71: ns: is ignored, as in Mesos-DNS: SOAMname is what counts; remove it',
      'configuration:1:91: SOASerial: is ignored, as in Mesos-DNS: the serial follows the changes of the zone; remove it',
      'configuration:1:103: file: is ignored, as in Mesos-DNS: it is the path of this file; remove it',
    ],
  )
})

test('the key for editors is no unknown key', () => {
  assert.deepEqual(warnings(fileWith({ $schema: './config.schema.json' })), [])
})
