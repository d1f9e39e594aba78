// Every complaint about a value, as people see it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VARIABLES } from '../../src/config/env.ts'
import { ConfigError, parseConfig } from '../../src/config/index.ts'
import { settingEntries } from '../../src/config/schema.ts'
import { complaints, fileWith } from './complaints.ts'

const LONG = 'a'.repeat(64)
const NAME = 'a.'.repeat(127).slice(0, -1)
const RESOLVER = 'write an IP address with or without a port, such as 9.9.9.9 or [2620:fe::fe]:53'
const MASTER = 'write host:port, such as 10.0.0.1:5050 or [2001:db8::1]:5050'
const DOMAIN = 'use letters, digits and hyphens in labels joined by dots, such as mesos'
const RECORD = '"staticRecords": [{"name":"db","type":"A","address":"10.0.0.1"}]'
const ZK = 'write it like zk://10.0.0.1:2181,10.0.0.2:2181/mesos'

/** Settings → complaints, without their places. */
const REFUSED: readonly (readonly [settings: Record<string, unknown>, ...complaints: string[]])[] =
  [
    // Masters
    [
      { masters: [] },
      'masters = []: no Mesos master is given; set "masters": ["10.0.0.1:5050"] or "zk": "zk://10.0.0.1:2181/mesos"',
    ],
    [
      { masters: '10.0.0.1:5050' },
      'masters = "10.0.0.1:5050": must be a list, not a string; write it like "masters": ["10.0.0.1:5050"]',
    ],
    [
      { masters: [5050] },
      'masters[0] = 5050: must be a string, not a number; put it in double quotes',
    ],
    [{ masters: [null] }, 'masters[0] = null: must be a string, not null; put it in double quotes'],
    [{ masters: ['10.0.0.1'] }, 'masters[0] = "10.0.0.1": has no port; write 10.0.0.1:5050'],
    [{ masters: ['::1'] }, 'masters[0] = "::1": has no port; write [::1]:5050'],
    [
      { masters: ['10.0.0.1:65536'] },
      `masters[0] = "10.0.0.1:65536": has a port outside 1..65535; ${MASTER}`,
    ],
    [
      { masters: ['10.0.0.1:0'] },
      `masters[0] = "10.0.0.1:0": has a port outside 1..65535; ${MASTER}`,
    ],
    [
      { masters: ['[::1]:70000'] },
      `masters[0] = "[::1]:70000": has a port outside 1..65535; ${MASTER}`,
    ],
    [{ masters: ['m1:abc'] }, `masters[0] = "m1:abc": is not host:port; ${MASTER}`],
    [{ masters: [''] }, `masters[0] = "": is not host:port; ${MASTER}`],
    [{ masters: ['a b:5050'] }, `masters[0] = "a b:5050": is not host:port; ${MASTER}`],
    [
      { masters: ['999.1.1.1:5050'] },
      `masters[0] = "999.1.1.1:5050": is neither an address nor a host name; ${MASTER}`,
    ],
    [
      { masters: ['http://u:pw@m1:5050'] },
      `masters[0] = "http://***@m1:5050": is a URL; ${MASTER}; MesosHTTPSOn chooses https`,
    ],
    [
      { masters: ['m1:5050', 'M1:5050'] },
      'masters[1] = "M1:5050": the same master is given twice; remove one',
    ],
    [
      { masters: ['[::1]:1', '[0:0::1]:1'] },
      'masters[1] = "[0:0::1]:1": the same master is given twice; remove one',
    ],
    [
      { zk: 'http://10.0.0.1/mesos' },
      `zk = "http://10.0.0.1/mesos": has an unknown scheme; ${ZK}, or file:///path`,
    ],
    [{ zk: 'file://' }, 'zk = "file://": names no file; write file:///path'],
    [
      { zk: 'zk://u:geheim@a b/mesos' },
      `zk = "zk://***@a b/mesos": has no valid host[:port] as server 1; ${ZK}`,
    ],
    [
      { refreshSeconds: 0 },
      'refreshSeconds = 0: must be at least 1; use a whole number, 1 or more (default 60)',
    ],
    [
      { refreshSeconds: -5 },
      'refreshSeconds = -5: must be at least 1; use a whole number, 1 or more (default 60)',
    ],
    [
      { refreshSeconds: 1.5 },
      'refreshSeconds = 1.5: must be a whole number, not a fraction; write digits without quotes (default 60)',
    ],
    [
      { refreshSeconds: '60' },
      'refreshSeconds = "60": must be a whole number, not a string; write digits without quotes (default 60)',
    ],
    [
      { refreshSeconds: 1e10 },
      'refreshSeconds = 10000000000: must be at most 2147483; use a whole number, 2147483 or less (default 60)',
    ],
    [
      { refreshSeconds: 1e300 },
      'refreshSeconds = 1e+300: must be at most 2147483; use a whole number, 2147483 or less (default 60)',
    ],
    [
      { stateTimeoutSeconds: -1 },
      'stateTimeoutSeconds = -1: must be at least 1; use a whole number, 1 or more (default 300)',
    ],
    [
      { zkStrict: 1 },
      'zkStrict = 1: must be true or false, not a number; write true or false without quotes',
    ],
    [
      { zkTLS: true },
      'zkTLS = true: must be an object, not true; write it like "zkTLS": {"on":true,"caCertFile":"/etc/mesos-ns/zk-ca.pem"}',
    ],
    [
      { zkTLS: { on: 'yes' } },
      'zkTLS.on = "yes": must be true or false, not a string; write true or false without quotes',
    ],
    [
      { zkTLS: { on: true, certFile: '/c' } },
      'zkTLS.certFile = "/c": has no private key; set keyFile as well, or leave both out',
    ],
    [
      { zkTLS: { on: true, keyFile: '/k' } },
      'zkTLS.keyFile = "/k": has no certificate; set certFile as well, or leave both out',
    ],
    // Following the cluster
    [
      { updates: 'steam' },
      'updates = "steam": must be one of "auto", "stream", "poll"; write "stream"',
    ],
    [
      { auditSeconds: 9 },
      'auditSeconds = 9: must be at least 10; use a whole number, 10 or more (default 300)',
    ],
    [
      { failoverHoldSeconds: -1 },
      'failoverHoldSeconds = -1: must be at least 0; use a whole number, 0 or more (default 600)',
    ],
    [
      { failoverSettleSeconds: 0.5 },
      'failoverSettleSeconds = 0.5: must be a whole number, not a fraction; write digits without quotes (default 10)',
    ],
    [
      { shrinkThreshold: 101 },
      'shrinkThreshold = 101: must be at most 100; use a whole number, 100 or less (default 50)',
    ],
    [
      { shrinkConfirmations: 0 },
      'shrinkConfirmations = 0: must be at least 1; use a whole number, 1 or more (default 1)',
    ],
    [
      { staleAfter: -1 },
      'staleAfter = -1: must be at least 0; use a whole number, 0 or more (default 0)',
    ],
    [
      { maxStale: 59 },
      'maxStale = 59: is less than refreshSeconds (60), so names would fail between two fetches; set 180 or more, or 0 for never',
    ],
    [
      { maxStale: 179 },
      'maxStale = 179: is less than staleAfter, three times refreshSeconds (180), so names would fail before they are marked as stale; set 180 or more, or 0 for never, or lower staleAfter',
    ],
    [
      { maxStale: 300, staleAfter: 301 },
      'maxStale = 300: is less than staleAfter (301), so names would fail before they are marked as stale; set 301 or more, or 0 for never, or lower staleAfter',
    ],
    [
      { watchSeconds: -1 },
      'watchSeconds = -1: must be at least 0; use a whole number, 0 or more (default 0)',
    ],
    // Talking to masters
    [
      { mesosAuthentication: 'Basic' },
      'mesosAuthentication = "Basic": must be one of "", "basic", "iam"; write "basic"',
    ],
    [
      { mesosAuthentication: 'kerberos' },
      'mesosAuthentication = "kerberos": must be one of "", "basic", "iam"; choose one of them (default "")',
    ],
    [
      { mesosAuthentication: 'basic' },
      'mesosCredentials: basic authentication has no credentials; set "mesosCredentials": {"principal": "…", "secretFile": "/path"}',
    ],
    [
      { mesosAuthentication: 'iam' },
      'IAMConfigFile: iam authentication has no configuration; set "IAMConfigFile": "/path/iam.json"',
    ],
    [
      { mesosCredentials: 'p:geheim' },
      'mesosCredentials = "***": must be an object, not a string; write it like "mesosCredentials": {"principal":"mesos-ns","secretFile":"/etc/mesos-ns/secret"}',
    ],
    [
      { mesosCredentials: { secret: 5 } },
      'mesosCredentials.secret = "***": must be a string, not a number; put it in double quotes',
    ],
    [
      { mesosCredentials: { secret: 'a', secretFile: '/b' } },
      'mesosCredentials.secretFile = "/b": the secret is given twice; leave either secret or secretFile out',
    ],
    [
      { CertFile: '/c' },
      'CertFile = "/c": has no private key; set KeyFile as well, or leave both out',
    ],
    [
      { KeyFile: '/k' },
      'KeyFile = "/k": has no certificate; set CertFile as well, or leave both out',
    ],
    // DNS
    [
      { dnson: false, httpon: false },
      'dnson = false: both DNS and the REST API are off; set dnson or httpon to true',
    ],
    [
      { dnson: 'yes' },
      'dnson = "yes": must be true or false, not a string; write true or false without quotes',
    ],
    [{ domain: '' }, `domain = "": is empty; ${DOMAIN}`],
    [{ domain: 'mesos.' }, 'domain = "mesos.": ends with a dot; write mesos'],
    [{ domain: 'me_sos' }, `domain = "me_sos": is not a domain name; ${DOMAIN}`],
    [
      { domain: 'a..b' },
      `domain = "a..b": has an empty label (two dots in a row, or one at an end); ${DOMAIN}`,
    ],
    [{ domain: LONG }, `domain = "${LONG}": has a label of 64 characters, 63 fit; ${DOMAIN}`],
    [
      { domain: `${NAME}.b` },
      `domain = "${NAME.slice(0, 79)}…: has 255 characters, 253 fit; ${DOMAIN}`,
    ],
    [{ ttl: -1 }, 'ttl = -1: must be at least 0; use a whole number, 0 or more (default 60)'],
    [
      { ttl: 2 ** 31 },
      'ttl = 2147483648: must be at most 2147483647; use a whole number, 2147483647 or less (default 60)',
    ],
    [
      { port: 70000 },
      'port = 70000: must be at most 65535; use a whole number, 65535 or less (default 53)',
    ],
    [{ port: -1 }, 'port = -1: must be at least 0; use a whole number, 0 or more (default 53)'],
    [
      { listener: 'eth0' },
      'listener = "eth0": is not an IP address; write an address of this host, 0.0.0.0 for all of them, or 127.0.0.1',
    ],
    [{ listener: '[::1]' }, 'listener = "[::1]": has brackets; write ::1'],
    [{ listener: ['10.0.0.1', '[::1]'] }, 'listener[1] = "[::1]": has brackets; write ::1'],
    [
      { listener: ['10.0.0.1', 53] },
      'listener[1] = 53: must be a string, not a number; put it in double quotes',
    ],
    [
      { listener: ['10.0.0.1', '::ffff:10.0.0.1'] },
      'listener[1] = "::ffff:10.0.0.1": the same address is given twice; remove one',
    ],
    [
      { listener: ['10.0.0.1', '0.0.0.0'] },
      'listener = ["10.0.0.1","0.0.0.0"]: has 0.0.0.0, which covers every address already; leave the others out',
    ],
    [
      { listener: ['::', '0.0.0.0'] },
      'listener = ["::","0.0.0.0"]: has ::, which covers every address already; leave the others out',
    ],
    [{ listener: [] }, 'listener = []: is empty; write "listener": "0.0.0.0"'],
    [
      { listener: 53 },
      'listener = 53: must be a string or a list, not a number; write "listener": "0.0.0.0"',
    ],
    [{ workers: 0 }, 'workers = 0: must be at least 1; use a whole number, 1 or more (default 1)'],
    [
      { workers: 65 },
      'workers = 65: must be at most 64; use a whole number, 64 or less (default 1)',
    ],
    [
      { workers: 1.5 },
      'workers = 1.5: must be a whole number or "auto", not a fraction; write "workers": 1',
    ],
    [
      { workers: 'all' },
      'workers = "all": must be a whole number or "auto", not a string; write "workers": 1',
    ],
    [
      { workers: 1e300 },
      'workers = 1e+300: must be at most 64; use a whole number, 64 or less (default 1)',
    ],
    [
      { udp: 'koffi' },
      'udp = "koffi": must be one of "auto", "batch", "dgram"; choose one of them (default "auto")',
    ],
    [
      { udpReceiveBuffer: 0 },
      'udpReceiveBuffer = 0: must be at least 4096; use a whole number, 4096 or more (default 4194304)',
    ],
    [
      { ordering: 'rondom' },
      'ordering = "rondom": must be one of "random", "roundrobin", "fixed"; write "random"',
    ],
    [
      { ordering: 1 },
      'ordering = 1: must be one of "random", "roundrobin", "fixed"; choose one of them (default "random")',
    ],
    [
      { ednsBufferSize: 511 },
      'ednsBufferSize = 511: must be at least 512; use a whole number, 512 or more (default 1232)',
    ],
    [
      { ednsBufferSize: 4097 },
      'ednsBufferSize = 4097: must be at most 4096; use a whole number, 4096 or less (default 1232)',
    ],
    [
      { nsid: 'é'.repeat(65) },
      `nsid = "${'é'.repeat(65)}": is longer than 128 octets; use a short name for this server`,
    ],
    ...['geheim', 'f'.repeat(31), 'f'.repeat(33), `${'f'.repeat(31)}g`].map(
      (cookieSecret) =>
        [
          { cookieSecret },
          'cookieSecret = "***": is not 32 hexadecimal digits; write what "openssl rand -hex 16" prints, or leave it out for a random one',
        ] as const,
    ),
    [
      { cookieSecret: 5 },
      'cookieSecret = "***": must be a string, not a number; put it in double quotes',
    ],
    [
      { cookieSecret: 'f'.repeat(32), cookieSecretFile: '/f' },
      'cookieSecretFile = "/f": the secret is given twice; leave either cookieSecret or cookieSecretFile out',
    ],
    [
      { tcpMaxConnections: 0 },
      'tcpMaxConnections = 0: must be at least 1; use a whole number, 1 or more (default 1000)',
    ],
    // SOA
    [{ SOAMname: '.' }, 'SOAMname = ".": is empty; write a name such as ns1.mesos'],
    [
      { SOAMname: 'ns 1' },
      'SOAMname = "ns 1": is not a domain name; write a name such as ns1.mesos',
    ],
    [
      { SOARname: 'a@@b' },
      'SOARname = "a@@b": has an empty label (two dots in a row, or one at an end); write a name such as ns1.mesos',
    ],
    [
      { SOARname: `${LONG}@b` },
      `SOARname = "${LONG}@b": has a label of 64 characters, 63 fit; write a name such as ns1.mesos`,
    ],
    [
      { SOAExpire: 2 ** 32 },
      'SOAExpire = 4294967296: must be at most 4294967295; use a whole number, 4294967295 or less (default 86400)',
    ],
    // Records
    [{ IPSources: [] }, 'IPSources = []: is empty; write "IPSources": ["netinfo","mesos","host"]'],
    [
      { IPSources: null },
      'IPSources = []: is empty; write "IPSources": ["netinfo","mesos","host"]',
    ],
    [
      { IPSources: ['host', 'host'] },
      'IPSources[1] = "host": the same source is given twice; remove one',
    ],
    [
      { IPSources: ['rkt'] },
      'IPSources[0] = "rkt": is not a source of addresses; use host, netinfo, docker, mesos, autoip or label:<key>',
    ],
    [{ IPSources: ['Host'] }, 'IPSources[0] = "Host": is not a source of addresses; write host'],
    [
      { IPSources: ['label:'] },
      'IPSources[0] = "label:": is not a source of addresses; use host, netinfo, docker, mesos, autoip or label:<key>',
    ],
    [
      { staticRecords: [{ name: 'a', type: 'MX' }] },
      `staticRecords[0].type = "MX": is no type of record; use A, AAAA, SRV, CNAME or TXT: ${RECORD}`,
    ],
    [
      { staticRecords: [{ name: 'a', type: 'A' }] },
      `staticRecords[0].address: is missing; add it, as docs/configuration.md shows for staticRecords`,
    ],
    [
      { staticRecords: ['a'] },
      `staticRecords[0] = "a": must be an object, not a string; write it like ${RECORD}`,
    ],
    // Names outside the domain
    [
      { resolvers: ['dns.example'] },
      `resolvers[0] = "dns.example": is not an IP address; host names cannot be used here; ${RESOLVER}`,
    ],
    [
      { resolvers: ['10.0.0.1:abc'] },
      `resolvers[0] = "10.0.0.1:abc": is not an address with a port in 1..65535; ${RESOLVER}`,
    ],
    [
      { resolvers: ['10.0.0.1:0'] },
      `resolvers[0] = "10.0.0.1:0": is not an address with a port in 1..65535; ${RESOLVER}`,
    ],
    [
      { resolvers: [''] },
      `resolvers[0] = "": is not an address with a port in 1..65535; ${RESOLVER}`,
    ],
    [
      { resolvers: ['10.0.0.1', '10.0.0.1:53'] },
      'resolvers[1] = "10.0.0.1:53": the same server is given twice; remove one',
    ],
    [
      { zoneResolvers: { mesos: ['10.0.0.1'] } },
      'zoneResolvers.mesos = ["10.0.0.1"]: is the domain, which is answered here; remove it',
    ],
    [
      { domain: 'MESOS', zoneResolvers: { mesos: ['10.0.0.1'] } },
      'zoneResolvers.mesos = ["10.0.0.1"]: is the domain, which is answered here; remove it',
    ],
    [
      { zoneResolvers: { 'b.mesos': ['10.0.0.1'] } },
      'zoneResolvers["b.mesos"] = ["10.0.0.1"]: is ambiguous: it lies in mesos; remove it',
    ],
    [
      { domain: 'a.b', zoneResolvers: { B: ['10.0.0.1'] } },
      'zoneResolvers.B = ["10.0.0.1"]: is ambiguous: it contains a.b; remove it',
    ],
    [
      { zoneResolvers: { b: ['10.0.0.1'], 'a.b': ['10.0.0.1'] } },
      'zoneResolvers["a.b"] = ["10.0.0.1"]: is ambiguous: it lies in b; remove it',
    ],
    [
      { zoneResolvers: { a: ['10.0.0.1'], A: ['10.0.0.1'] } },
      'zoneResolvers.A = ["10.0.0.1"]: the same zone is given twice; remove one',
    ],
    [
      { zoneResolvers: { 'a.com.': ['10.0.0.1'] } },
      'zoneResolvers["a.com."] = ["10.0.0.1"]: the zone ends with a dot; write a.com',
    ],
    [
      { zoneResolvers: { a: [] } },
      'zoneResolvers.a = []: has no servers; name at least one, such as "10.0.0.53", or remove the zone',
    ],
    [
      { zoneResolvers: { a: ['x'] } },
      `zoneResolvers.a[0] = "x": is not an IP address; host names cannot be used here; ${RESOLVER}`,
    ],
    [
      { zoneResolvers: { a: '10.0.0.1' } },
      'zoneResolvers.a = "10.0.0.1": must be a list, not a string; write it like "zoneResolvers": {"corp.example":["10.0.0.53"]}',
    ],
    [
      { zoneResolvers: ['a'] },
      'zoneResolvers = ["a"]: must be an object, not a list; write it like "zoneResolvers": {"corp.example":["10.0.0.53"]}',
    ],
    [
      { timeout: -1 },
      'timeout = -1: must be at least 0; use a whole number, 0 or more (default 5)',
    ],
    [
      { allowRecursion: ['10.0.0.0/33'] },
      'allowRecursion[0] = "10.0.0.0/33": is not a network; write it like 10.0.0.0/8 or fd00::/8, or a single address',
    ],
    [
      { allowRecursion: ['any'] },
      'allowRecursion[0] = "any": is not a network; write it like 10.0.0.0/8 or fd00::/8, or a single address',
    ],
    // REST and compatibility
    [
      { HTTPListener: '999.1.1.1' },
      'HTTPListener = "999.1.1.1": is neither an address nor a host name; write an address of this host without brackets, 0.0.0.0 for all of them, or 127.0.0.1',
    ],
    [
      { httpport: 70000 },
      'httpport = 70000: must be at most 65535; use a whole number, 65535 or less (default 8123)',
    ],
    [
      { compat: true },
      'compat = true: must be an object, not true; write it like "compat": {"srvMissNoError":true}',
    ],
    [
      { compat: { srvMissNoError: 1 } },
      'compat.srvMissNoError = 1: must be true or false, not a number; write true or false without quotes',
    ],
    // All at once
    [
      { ttl: -1, port: 'x', masters: ['m1'], CertFile: '/c', zoneResolvers: { 'A.mesos': [] } },
      'masters[0] = "m1": has no port; write m1:5050',
      'ttl = -1: must be at least 0; use a whole number, 0 or more (default 60)',
      'port = "x": must be a whole number, not a string; write digits without quotes (default 53)',
      'CertFile = "/c": has no private key; set KeyFile as well, or leave both out',
      'zoneResolvers["A.mesos"] = []: has no servers; name at least one, such as "10.0.0.53", or remove the zone',
      'zoneResolvers["A.mesos"] = []: is ambiguous: it lies in mesos; remove it',
    ],
  ]

for (const [settings, ...expected] of REFUSED) {
  test(`refuses ${JSON.stringify(settings).slice(0, 70)}`, () => {
    const found = complaints(fileWith(settings), { file: '/c.json' })
    assert.deepEqual(
      found.map((line) => line.replace(/^\/c\.json(:1:\d+)?: /, '')),
      expected,
    )
  })
}

test('a complaint names file, line and column, and the key as it is spelled', () => {
  const text = '{\n  "MASTERS": ["10.0.0.1:5050"],\n  "Resolvers": ["10.0.0.1",\n    "x"]\n}'
  assert.deepEqual(complaints(text, { file: '/etc/c.json' }), [
    `/etc/c.json:4:5: Resolvers[1] = "x": is not an IP address; host names cannot be used here; ${RESOLVER}`,
  ])
})

test('what is missing is complained of at the file', () => {
  assert.match(
    complaints('{}', { file: '/etc/c.json' }).join(),
    /^\/etc\/c\.json:1:1: masters: no Mesos master/,
  )
})

test('a file that is no JSON object is one complaint', () => {
  const told = (text: string) => complaints(text, { file: 'c' }).join()
  assert.equal(told(''), 'c:1:1: is empty; write at least {"masters": ["10.0.0.1:5050"]}')
  assert.equal(told(' []'), 'c:1:2: is not a JSON object; put the settings in { … }')
  assert.equal(
    told('{"a": 1} x'),
    'c:1:10: something follows the end of the JSON value, found "x"; remove it',
  )
})

test('the error lists the warnings as well: a misspelled key is why another is missing', () => {
  assert.throws(() => parseConfig('{"master": ["10.0.0.1:5050"]}'), {
    name: 'ConfigError',
    code: 'MESOS_NS_CONFIG',
    message: /no Mesos master.*\nwarning: .*master: is not a known key.*did you mean masters\?/,
  })
})

test('no secret is in any complaint', () => {
  const files = [
    '{"mesosCredentials": {"secret": "geheim"}, "mesosAuthentication": 5}',
    '{"mesosCredentials": "geheim"}',
    '{"mesosCredentials": ["geheim"], "zk": "zk://u:geheim@"}',
    '{"mesosCredentals": {"secret": "geheim"}}',
    '{"COOKIESECRET": "geheim", "cookieSecrt": "geheim"}',
    '{"cookieSecret": {"a": ["geheim"]}}',
    '{"zk": "zk://u:geheim/x@h/mesos"}',
    '{"zk": "u:geheim@h:1/mesos"}',
    '{"zk": "zk://u:a@geheim@b b/mesos"}',
    '{"mesosCredentials": {"secret": "geheim"}, "Mesoscredentials": {"secret": {"a": "geheim"}}}',
  ]
  for (const text of files) {
    assert.throws(
      () => parseConfig(text, { env: { MESOS_NS_MESOS_CREDENTIALS: '{"secret": "geheim"' } }),
      (error) =>
        error instanceof ConfigError &&
        !JSON.stringify([error.message, error.issues, error.warnings]).includes('geheim'),
      text,
    )
  }
})

/** Keys of ours with odd values, odd keys with odd values. */
const anything = fc.oneof(
  fc.object({
    key: fc.oneof(
      fc.constantFrom(...settingEntries.map(([, { key }]) => key)),
      fc.constantFrom('name', 'type', 'address', '__proto__', 'constructor', 'toString'),
      fc.string(),
    ),
    maxDepth: 3,
  }),
  fc.anything(),
)

test('nothing but a ConfigError comes of any JSON', () => {
  fc.assert(
    fc.property(anything, (value) => {
      let text: string | undefined
      try {
        text = JSON.stringify(value)
      } catch {
        return
      }
      complaints(text ?? 'undefined')
    }),
    { numRuns: 500, examples: [[{ zk: { constructor: { name: {} } } }]] },
  )
})

test('nothing but a ConfigError comes of any text, or any environment', () => {
  const variables = fc.dictionary(
    fc.constantFrom(...VARIABLES.map(({ name }) => name), 'MESOS_NS_X'),
    fc.oneof(fc.string(), fc.json()),
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constant('{}')), variables, (text, env) => {
      complaints(text, { env })
    }),
    { numRuns: 500 },
  )
})
