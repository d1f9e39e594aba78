import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseNameservers,
  ResolvConf,
  type ResolvConfSources,
} from '../../src/forward/resolv-conf.ts'
import { silentLogger } from '../../src/log.ts'
import { recordingLog } from '../recording-log.ts'

const files: [what: string, text: string, nameservers: string[]][] = [
  ['empty', '', []],
  ['one', 'nameserver 192.0.2.1\n', ['192.0.2.1']],
  ['no newline at the end', 'nameserver 192.0.2.1', ['192.0.2.1']],
  ['CRLF', 'nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n', ['192.0.2.1', '192.0.2.2']],
  ['order is kept', 'nameserver 192.0.2.2\nnameserver 192.0.2.1\n', ['192.0.2.2', '192.0.2.1']],
  ['tabs and blanks', '  nameserver \t 192.0.2.1  \n', ['192.0.2.1']],
  ['comments', '# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n#nameserver 192.0.2.3\n', []],
  ['a comment behind the address', 'nameserver 192.0.2.1 # the first\n', ['192.0.2.1']],
  ['other directives', 'search a.example\noptions ndots:5\nsortlist 10.0.0.0\ndomain x\n', []],
  ['no address', 'nameserver\nnameserver \n', []],
  ['a host name', 'nameserver dns.example\n', []],
  ['not quite an address', 'nameserver 192.0.2\nnameserver 192.0.2.256\n', []],
  ['another keyword', 'nameservers 192.0.2.1\nNAMESERVER 192.0.2.1\n', []],
  ['IPv6', 'nameserver 2001:DB8:0::1\n', ['2001:db8::1']],
  ['IPv6 with a scope', 'nameserver fe80::1%eth0\n', ['fe80::1%eth0']],
  ['duplicates', 'nameserver ::1\nnameserver 0:0::1\nnameserver ::1\n', ['::1']],
  [
    'more than three',
    [1, 2, 3, 4].map((i) => `nameserver 192.0.2.${i}`).join('\n'),
    ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'],
  ],
]

for (const [what, text, nameservers] of files) {
  test(`resolv.conf: ${what}`, () => {
    assert.deepEqual(parseNameservers(text), nameservers)
  })
}

const own: [what: string, address: string, ours: string[], kept: boolean][] = [
  ['an address of ours', '192.0.2.1', ['192.0.2.1'], false],
  ['another address', '192.0.2.2', ['192.0.2.1'], true],
  ['IPv6 in another spelling', '2001:db8::1', ['2001:0DB8:0:0::1'], false],
  ['link-local, ours, scope on one side', 'fe80::1%eth0', ['fe80::1'], false],
  ['link-local, not ours', 'fe80::2%eth0', ['fe80::1'], true],
  ['the stub of systemd-resolved', '127.0.0.53', ['127.0.0.1', '::1'], true],
  ['loopback', '127.0.0.1', ['127.0.0.1', '::1'], false],
  ['unspecified, IPv4', '0.0.0.0', [], false],
  ['unspecified, IPv6', '::', [], false],
]

for (const [what, address, ours, kept] of own) {
  test(`${what} is ${kept ? 'kept' : 'left out'}`, () => {
    const conf = resolvConf({ read: () => `nameserver ${address}\n`, ownAddresses: () => ours })
    assert.deepEqual(conf.nameservers(), kept ? [{ host: address, port: 53 }] : [])
  })
}

test('is read again after five seconds, not sooner', () => {
  let now = 0
  let reads = 0
  let text = 'nameserver 192.0.2.1\n'
  const conf = resolvConf({
    now: () => now,
    read: () => {
      reads++
      return text
    },
  })
  const first = conf.nameservers()
  text = 'nameserver 192.0.2.2\n'
  now = 4_999
  assert.equal(conf.nameservers(), first)
  assert.equal(reads, 1)
  now = 5_000
  assert.deepEqual(conf.nameservers(), [{ host: '192.0.2.2', port: 53 }])
  assert.equal(reads, 2)
})

test('an unchanged file keeps the same list', () => {
  let now = 0
  const conf = resolvConf({ now: () => now, read: () => 'nameserver 192.0.2.1\n' })
  const first = conf.nameservers()
  now = 60_000
  assert.equal(conf.nameservers(), first)
})

test('an unreadable file keeps the last good list and is said once', () => {
  const { log, lines } = recordingLog()
  let now = 0
  let text: string | undefined = 'nameserver 192.0.2.1\n'
  const conf = resolvConf({
    log,
    now: () => now,
    read: () => {
      if (text === undefined) throw new Error('ENOENT: no such file')
      return text
    },
  })
  const first = conf.nameservers()
  text = undefined
  for (now = 5_000; now < 60_000; now += 5_000) assert.equal(conf.nameservers(), first)
  text = 'nameserver 192.0.2.1\n'
  assert.equal(conf.nameservers(), first)
  assert.deepEqual(
    lines.map(({ level, message }) => `${level} ${message}`),
    [
      'info resolvers taken from resolv.conf',
      'warn resolv.conf cannot be read, keeping the resolvers known so far',
      'info resolvers taken from resolv.conf',
    ],
  )
})

test('a file without a usable resolver is warned about', () => {
  const { log, lines } = recordingLog()
  const conf = resolvConf({
    log,
    read: () => 'nameserver 127.0.0.1\n',
    ownAddresses: () => ['127.0.0.1'],
  })
  assert.deepEqual(conf.nameservers(), [])
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warn'],
  )
})

function resolvConf(sources: Partial<ResolvConfSources>): ResolvConf {
  return new ResolvConf({
    read: () => '',
    ownAddresses: () => [],
    now: () => 0,
    log: silentLogger,
    ...sources,
  })
}
