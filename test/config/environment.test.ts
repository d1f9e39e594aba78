import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VARIABLES } from '../../src/config/env.ts'
import { type Config, parseConfig } from '../../src/config/index.ts'
import { complaints, fileWith, warnings } from './complaints.ts'

const COOKIE_SECRET = '0123456789abcdef0123456789abcdef'
const NO_TLS = { on: false, caCertFile: '', certFile: '', keyFile: '' }

/** What the files hold that variables name. */
const FILES: Readonly<Record<string, string>> = {
  MESOS_NS_MESOS_CREDENTIALS_SECRET_FILE: 'from a file\n',
  MESOS_NS_COOKIE_SECRET_FILE: `${COOKIE_SECRET}\n`,
}

/** Variable → its text, and what must come of it. */
const OVERRIDES: Readonly<Record<string, readonly [text: string, expected: Partial<Config>]>> = {
  MESOS_NS_ZK: ['zk://10.0.0.1/mesos', { zk: 'zk://10.0.0.1/mesos' }],
  MESOS_NS_MASTERS: ['10.0.0.1:1, m2:2', { masters: ['10.0.0.1:1', 'm2:2'] }],
  MESOS_NS_ZK_DETECTION_TIMEOUT: ['-1', { zkDetectionTimeout: 0 }],
  MESOS_NS_ZK_STRICT: ['true', { zkStrict: true }],
  MESOS_NS_ZK_TLS: ['{"On": true}', { zkTls: { ...NO_TLS, on: true } }],
  MESOS_NS_ZK_TLS_ON: ['yes', { zkTls: { ...NO_TLS, on: true } }],
  MESOS_NS_ZK_TLS_CA_CERT_FILE: ['/ca', { zkTls: { ...NO_TLS, caCertFile: '/ca' } }],
  MESOS_NS_ZK_TLS_CERT_FILE: [
    '/cert',
    { zkTls: { ...NO_TLS, certFile: '/cert', keyFile: '/key' } },
  ],
  MESOS_NS_ZK_TLS_KEY_FILE: ['/key', { zkTls: { ...NO_TLS, certFile: '/cert', keyFile: '/key' } }],
  MESOS_NS_REFRESH_SECONDS: ['31', { refreshSeconds: 31 }],
  MESOS_NS_STATE_TIMEOUT_SECONDS: [' 31 ', { stateTimeoutSeconds: 31 }],
  MESOS_NS_MESOS_HTTPS_ON: ['true', { mesosHttpsOn: true }],
  MESOS_NS_CA_CERT_FILE: ['/ca', { caCertFile: '/ca' }],
  MESOS_NS_CERT_FILE: ['/cert', { certFile: '/cert' }],
  MESOS_NS_KEY_FILE: ['/key', { keyFile: '/key' }],
  MESOS_NS_MESOS_AUTHENTICATION: ['basic', { mesosAuthentication: 'basic' }],
  MESOS_NS_MESOS_CREDENTIALS: [
    '{"Principal": "q"}',
    { mesosCredentials: { principal: 'q', secret: '' } },
  ],
  MESOS_NS_MESOS_CREDENTIALS_PRINCIPAL: [
    'q',
    { mesosCredentials: { principal: 'q', secret: 's' } },
  ],
  MESOS_NS_MESOS_CREDENTIALS_SECRET: ['t', { mesosCredentials: { principal: 'p', secret: 't' } }],
  MESOS_NS_MESOS_CREDENTIALS_SECRET_FILE: [
    '/secret',
    { mesosCredentials: { principal: 'p', secret: 'from a file' } },
  ],
  MESOS_NS_IAM_CONFIG_FILE: ['', { iamConfigFile: '' }],
  MESOS_NS_UPDATES: ['poll', { updates: 'poll' }],
  MESOS_NS_AUDIT_SECONDS: ['61', { auditSeconds: 61 }],
  MESOS_NS_FAILOVER_HOLD_SECONDS: ['0', { failoverHoldSeconds: 0 }],
  MESOS_NS_FAILOVER_SETTLE_SECONDS: ['31', { failoverSettleSeconds: 31 }],
  MESOS_NS_SHRINK_THRESHOLD: ['100', { shrinkThreshold: 100 }],
  MESOS_NS_SHRINK_CONFIRMATIONS: ['2', { shrinkConfirmations: 2 }],
  MESOS_NS_STALE_AFTER: ['31', { staleAfter: 31 }],
  MESOS_NS_MAX_STALE: ['181', { maxStale: 181 }],
  MESOS_NS_DNS_ON: ['off', { dnsOn: false }],
  MESOS_NS_DOMAIN: ['Cluster', { domain: 'cluster' }],
  MESOS_NS_TTL: ['0', { ttl: 0 }],
  MESOS_NS_LISTENER: ['10.0.0.1, ::1', { listener: ['10.0.0.1', '::1'] }],
  MESOS_NS_PORT: ['8053', { port: 8053 }],
  MESOS_NS_WORKERS: ['auto', { workers: 'auto' }],
  MESOS_NS_UDP: ['dgram', { udp: 'dgram' }],
  MESOS_NS_UDP_RECEIVE_BUFFER: ['65536', { udpReceiveBuffer: 65536 }],
  MESOS_NS_RECURSE_ON: ['NO', { recurseOn: false }],
  MESOS_NS_ORDERING: ['fixed', { ordering: 'fixed' }],
  MESOS_NS_MAX_ANSWERS: ['3', { maxAnswers: 3 }],
  MESOS_NS_SET_TRUNCATE_BIT: ['0', { setTruncateBit: false }],
  MESOS_NS_EDNS_BUFFER_SIZE: ['1400', { ednsBufferSize: 1400 }],
  MESOS_NS_RESOLV_SUBNET_FIRST: ['1', { resolvSubnetFirst: true }],
  MESOS_NS_NSID: ['', { nsid: '' }],
  MESOS_NS_CHAOS_ON: ['on', { chaosOn: true }],
  MESOS_NS_COOKIES: ['off', { cookies: false }],
  MESOS_NS_COOKIE_SECRET: ['0123456789ABCDEF'.repeat(2), { cookieSecret: COOKIE_SECRET }],
  MESOS_NS_COOKIE_SECRET_FILE: ['/cookies', { cookieSecret: COOKIE_SECRET }],
  MESOS_NS_TCP_IDLE_TIMEOUT: ['31', { tcpIdleTimeout: 31 }],
  MESOS_NS_TCP_MAX_CONNECTIONS: ['31', { tcpMaxConnections: 31 }],
  MESOS_NS_TCP_MAX_CONNECTIONS_PER_CLIENT: ['31', { tcpMaxConnectionsPerClient: 31 }],
  MESOS_NS_SOA_MNAME: ['NS2.mesos', { soaMname: 'ns2.mesos.' }],
  MESOS_NS_SOA_RNAME: ['a@b', { soaRname: 'a.b.' }],
  MESOS_NS_SOA_REFRESH: ['31', { soaRefresh: 31 }],
  MESOS_NS_SOA_RETRY: ['31', { soaRetry: 31 }],
  MESOS_NS_SOA_EXPIRE: ['31', { soaExpire: 31 }],
  MESOS_NS_SOA_MINTTL: ['31', { soaMinttl: 31 }],
  MESOS_NS_IP_SOURCES: ['["label:a,b", "host"]', { ipSources: ['label:a,b', 'host'] }],
  MESOS_NS_ENFORCE_RFC952: ['yes', { enforceRfc952: true }],
  MESOS_NS_SRV_RECORD_DEFAULT_WEIGHT: ['256', { srvRecordDefaultWeight: 256 }],
  MESOS_NS_HEALTH: ['require', { health: 'require' }],
  MESOS_NS_REVERSE_DNS_ON: ['true', { reverseDnsOn: true }],
  MESOS_NS_STATIC_RECORDS: [
    '[{"name": "db", "type": "A", "address": "10.0.0.1"}]',
    { staticRecords: [{ name: 'db.mesos.', type: 'A', ttl: undefined, rdata: '10.0.0.1' }] },
  ],
  MESOS_NS_EXTERNAL_ON: ['false', { externalOn: false }],
  MESOS_NS_RESOLVERS: ['', { resolvers: [] }],
  MESOS_NS_ZONE_RESOLVERS: ['{"A.b": ["::1"]}', { zoneResolvers: { 'a.b': ['[::1]:53'] } }],
  MESOS_NS_TIMEOUT: ['0', { timeout: 5 }],
  MESOS_NS_ALLOW_RECURSION: ['10.0.0.1,::1/64', { allowRecursion: ['10.0.0.1/32', '::/64'] }],
  MESOS_NS_HTTP_ON: ['false', { httpOn: false }],
  MESOS_NS_HTTP_LISTENER: ['localhost', { httpListener: 'localhost' }],
  MESOS_NS_HTTP_PORT: ['0', { httpPort: 0 }],
  MESOS_NS_ENUMERATION_ON: ['false', { enumerationOn: false }],
  MESOS_NS_WATCH_SECONDS: ['31', { watchSeconds: 31 }],
  MESOS_NS_COMPAT: [
    '{"SoaMinimumFromTtl": true}',
    { compat: { soaMinimumFromTtl: true, srvMissNoError: false } },
  ],
  MESOS_NS_COMPAT_SOA_MINIMUM_FROM_TTL: [
    'true',
    { compat: { soaMinimumFromTtl: true, srvMissNoError: false } },
  ],
  MESOS_NS_COMPAT_SRV_MISS_NO_ERROR: [
    'true',
    { compat: { soaMinimumFromTtl: false, srvMissNoError: true } },
  ],
}

/** Only files with secrets are opened: the certificates are checked elsewhere. */
function load(env: Record<string, string>) {
  const file = fileWith({
    mesosAuthentication: 'basic',
    mesosCredentials: { principal: 'p', secret: 's' },
    ...(env['MESOS_NS_CERT_FILE'] === undefined ? {} : { KeyFile: '/key' }),
    ...(env['MESOS_NS_KEY_FILE'] === undefined ? {} : { CertFile: '/cert' }),
    ...(env['MESOS_NS_ZK_TLS_CERT_FILE'] === undefined ? {} : { zkTLS: { keyFile: '/key' } }),
    ...(env['MESOS_NS_ZK_TLS_KEY_FILE'] === undefined ? {} : { zkTLS: { certFile: '/cert' } }),
  })
  const content = Object.keys(env).map((name) => FILES[name])[0]
  return parseConfig(file, { env, ...(content === undefined ? {} : { read: () => content }) })
    .config
}

for (const { name, path } of VARIABLES) {
  test(`${name} overrides ${path.join('.')}`, () => {
    const [text, expected] = OVERRIDES[name] ?? assert.fail(`this test has no text for ${name}`)
    const config = load({ [name]: text })
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(config[field as keyof Config], value)
    }
  })
}

test('case and underscores of a variable do not count', () => {
  const { config } = parseConfig(fileWith({}), {
    env: { MESOS_NS_DNSON: 'no', MESOS_NS_httpPort: '1' },
  })
  assert.deepEqual([config.dnsOn, config.httpPort], [false, 1])
})

test('a variable wins over a file that has it wrong', () => {
  assert.deepEqual(complaints(fileWith({ port: 'x' }), { env: { MESOS_NS_PORT: '53' } }), [])
})

test('a member given by its own variable wins over the object’s variable', () => {
  const env = {
    MESOS_NS_COMPAT_SRV_MISS_NO_ERROR: 'false',
    MESOS_NS_COMPAT: '{"srvMissNoError": true}',
  }
  assert.equal(parseConfig(fileWith({}), { env }).config.compat.srvMissNoError, false)
})

test('a secret from the environment replaces either form in the file', () => {
  const file = fileWith({
    mesosAuthentication: 'basic',
    mesosCredentials: { principal: 'p', secretFile: '/gone' },
  })
  const { config } = parseConfig(file, {
    env: { MESOS_NS_MESOS_CREDENTIALS_SECRET: 'x' },
    read: () => assert.fail(),
  })
  assert.deepEqual(config.mesosCredentials, { principal: 'p', secret: 'x' })
})

test('a cookie secret from the environment replaces either form in the file', () => {
  const options = { env: { MESOS_NS_COOKIE_SECRET: COOKIE_SECRET }, read: () => assert.fail() }
  for (const settings of [{ cookieSecretFile: '/gone' }, { cookieSecret: 'f'.repeat(32) }]) {
    const { config } = parseConfig(fileWith(settings), options)
    assert.deepEqual([config.cookieSecret, config.cookieSecretFile], [COOKIE_SECRET, ''])
  }
  const { config } = parseConfig(fileWith({ cookieSecret: 'f'.repeat(32) }), {
    env: { MESOS_NS_COOKIE_SECRET_FILE: '/cookies' },
    read: () => COOKIE_SECRET,
  })
  assert.equal(config.cookieSecret, COOKIE_SECRET)
})

test('both forms of the secret in the environment contradict each other', () => {
  const env = {
    MESOS_NS_MESOS_CREDENTIALS_SECRET: 'x',
    MESOS_NS_MESOS_CREDENTIALS_SECRET_FILE: '/x',
  }
  assert.deepEqual(complaints(fileWith({}), { env }), [
    'environment: MESOS_NS_MESOS_CREDENTIALS_SECRET_FILE = "/x": the secret is given twice; leave either secret or secretFile out',
  ])
})

test('one or several: what has no comma is one; a list may be JSON; a number may be a word', () => {
  for (const [env, expected] of [
    [{ MESOS_NS_LISTENER: '::' }, { listener: ['::'] }],
    [{ MESOS_NS_LISTENER: ' ["10.0.0.1"]' }, { listener: ['10.0.0.1'] }],
    [{ MESOS_NS_WORKERS: ' 3' }, { workers: 3 }],
  ] as const) {
    const { config } = parseConfig(fileWith({ listener: ['10.0.0.7', '10.0.0.8'] }), { env })
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(config[field as keyof Config], value)
    }
  }
  const env = { MESOS_NS_LISTENER: 'eth0', MESOS_NS_WORKERS: 'two' }
  assert.deepEqual(complaints(fileWith({}), { env }).sort(), [
    'environment: MESOS_NS_LISTENER = "eth0": is not an IP address; write an address of this host, 0.0.0.0 for all of them, or 127.0.0.1',
    'environment: MESOS_NS_WORKERS = "two": must be a whole number or "auto", not a string; write "workers": 1',
  ])
})

test('complaints name the variable', () => {
  const env = {
    MESOS_NS_PORT: 'tcp://10.0.0.1:53',
    MESOS_NS_TTL: '',
    MESOS_NS_DNS_ON: 'maybe',
    MESOS_NS_RESOLVERS: '1.1.1.1,x',
    MESOS_NS_COMPAT: '{"srvMissNoError"',
    MESOS_NS_ZONE_RESOLVERS: '[]',
  }
  assert.deepEqual(complaints(fileWith({}), { env }).sort(), [
    'environment: MESOS_NS_COMPAT = "{\\"srvMissNoError\\"": is not valid JSON: at character 18, expected ":" after a key, but the text ends; write the rest of it',
    'environment: MESOS_NS_DNS_ON = "maybe": must be true or false, not a string; write true or false without quotes',
    'environment: MESOS_NS_PORT = "tcp://10.0.0.1:53": must be a whole number, not a string; write digits without quotes (default 53)',
    'environment: MESOS_NS_RESOLVERS[1] = "x": is not an IP address; host names cannot be used here; write an IP address with or without a port, such as 9.9.9.9 or [2620:fe::fe]:53',
    'environment: MESOS_NS_TTL = "": must be a whole number, not a string; write digits without quotes (default 60)',
    'environment: MESOS_NS_ZONE_RESOLVERS = []: must be an object, not a list; write it like "zoneResolvers": {"corp.example":["10.0.0.53"]}',
  ])
})

test('an entry of a list is complained of where the list came from', () => {
  const file = fileWith({ resolvers: ['9.9.9.9', '9.9.9.10'] })
  assert.deepEqual(complaints(file, { env: { MESOS_NS_RESOLVERS: 'x' } }), [
    'environment: MESOS_NS_RESOLVERS[0] = "x": is not an IP address; host names cannot be used here; write an IP address with or without a port, such as 9.9.9.9 or [2620:fe::fe]:53',
  ])
})

test('a variable that cannot be read is one complaint, whatever else depends on it', () => {
  const env = { MESOS_NS_MASTERS: '[', MESOS_NS_MESOS_CREDENTIALS: '{' }
  const found = complaints('{"mesosAuthentication": "basic"}', { env })
  assert.deepEqual(
    found.map((line) => line.replace(/ = .*/, '')),
    ['environment: MESOS_NS_MASTERS', 'environment: MESOS_NS_MESOS_CREDENTIALS'],
  )
})

test('unknown variables are warned of, but not those of the command line, nor of others', () => {
  const env = {
    MESOS_NS_CONFIG: '/c',
    MESOS_NS_LOG_LEVEL: 'info',
    MESOS_DNS_PORT: '1',
    MESOS_NS_DOMIAN: 'x',
    MESOS_NS_BOGUS: 'x',
  }
  assert.deepEqual(warnings(fileWith({}), { env }), [
    'environment: MESOS_NS_DOMIAN: is not a known variable and is ignored; did you mean MESOS_NS_DOMAIN?',
    'environment: MESOS_NS_BOGUS: is not a known variable and is ignored; unset it',
  ])
})
