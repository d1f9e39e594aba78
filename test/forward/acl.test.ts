import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAcl } from '../../src/forward/acl.ts'

const DEFAULTS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]

const cases: [networks: string[], address: string, allowed: boolean][] = [
  [DEFAULTS, '127.0.0.1', true],
  [DEFAULTS, '127.255.255.255', true],
  [DEFAULTS, '10.0.0.0', true],
  [DEFAULTS, '11.0.0.0', false],
  [DEFAULTS, '9.255.255.255', false],
  [DEFAULTS, '172.15.255.255', false],
  [DEFAULTS, '172.16.0.1', true],
  [DEFAULTS, '172.31.255.255', true],
  [DEFAULTS, '172.32.0.0', false],
  [DEFAULTS, '100.63.255.255', false],
  [DEFAULTS, '100.64.0.0', true],
  [DEFAULTS, '100.128.0.0', false],
  [DEFAULTS, '8.8.8.8', false],
  [DEFAULTS, '::1', true],
  [DEFAULTS, '::2', false],
  [DEFAULTS, 'fd12:3456::1', true],
  [DEFAULTS, 'fe00::1', false],
  [DEFAULTS, 'fe80::1', true],
  [DEFAULTS, 'fe80::1%eth0', true],
  [DEFAULTS, '2001:db8::1', false],
  [DEFAULTS, '::ffff:10.1.2.3', true],
  [DEFAULTS, '::ffff:8.8.8.8', false],
  [[], '127.0.0.1', false],
  [[], '::1', false],
  [['0.0.0.0/0'], '203.0.113.9', true],
  [['0.0.0.0/0'], '::ffff:203.0.113.9', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '2001:db8::1', true],
  [['::/0'], '203.0.113.9', false],
  [['192.0.2.7'], '192.0.2.7', true],
  [['192.0.2.7'], '192.0.2.8', false],
  [['192.0.2.7/32'], '192.0.2.7', true],
  [['192.0.2.99/24'], '192.0.2.1', true],
  [['2001:db8::7'], '2001:db8::7', true],
  [['2001:db8::7'], '2001:db8::8', false],
  [['::ffff:192.0.2.0/120'], '192.0.2.200', true],
  [['::ffff:192.0.2.0/120'], '192.0.3.1', false],
  [['::ffff:192.0.2.7'], '::ffff:192.0.2.7', true],
  [['0.0.0.0/0', '::/0'], '', false],
  [['0.0.0.0/0', '::/0'], 'localhost', false],
]

for (const [networks, address, allowed] of cases) {
  const list = networks === DEFAULTS ? 'the defaults' : `[${networks.join(' ')}]`
  test(`${list} ${allowed ? 'admit' : 'keep out'} "${address}"`, () => {
    assert.equal(createAcl(networks)(address), allowed)
  })
}

for (const network of [
  '',
  'x',
  '10.0.0.0/33',
  '::/129',
  '10.0.0/8',
  '10.0.0.0/-1',
  '::ffff:0:0/95',
  'fe80::1%eth0/64',
  '10.0.0.0/8/8',
]) {
  test(`"${network}" is no network`, () => {
    assert.throws(() => createAcl([network]), {
      code: 'MESOS_NS_CONFIG',
      message: /^allowRecursion: ".*" is not a network; write /,
    })
  })
}
