import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isAtOrBelow, isHostName, nameProblem } from '../../src/config/names.ts'
import { parseNetwork } from '../../src/config/networks.ts'
import { suggest } from '../../src/config/suggest.ts'
import { bytesToIp, ipToBytes } from '../../src/net/address.ts'

test('suggest finds what is near, and nothing else', () => {
  const keys = ['masters', 'port', 'ttl', 'refreshSeconds', 'resolvers']
  for (const [word, expected] of [
    ['master', 'masters'],
    ['maters', 'masters'],
    ['amsters', 'masters'],
    ['MASTERS', 'masters'],
    ['refresh_seconds', 'refreshSeconds'],
    ['refreshSeocnd', 'refreshSeconds'],
    ['prot', 'port'],
    ['tll', 'ttl'],
    ['email', undefined],
    ['tt', undefined],
    ['x', undefined],
    ['', undefined],
  ]) {
    assert.equal(suggest(word ?? '', keys), expected, word)
  }
})

test('suggest prefers the nearest', () => {
  assert.equal(suggest('resolver', ['resolver1s', 'resolvers', 'zoneresolver']), 'resolvers')
})

test('host names', () => {
  for (const name of ['a', 'a.b', 'a.b.', 'zk-1.zk', 'my_host', '1a', '1.a', 'a'.repeat(63)]) {
    assert.ok(isHostName(name), name)
  }
  for (const name of [
    '',
    '.',
    'a..b',
    '-a',
    'a-',
    'a b',
    '1.2',
    '999.1.1.1',
    'é',
    'a'.repeat(64),
  ]) {
    assert.ok(!isHostName(name), name)
  }
})

test('length of names', () => {
  assert.equal(nameProblem(`${'a.'.repeat(126)}a`), undefined)
  assert.match(nameProblem(`${'a.'.repeat(126)}aa`) ?? '', /254 characters/)
})

test('a name lies in a zone label by label', () => {
  assert.ok(isAtOrBelow('a.mesos', 'mesos') && isAtOrBelow('mesos', 'mesos'))
  assert.ok(!isAtOrBelow('amesos', 'mesos') && !isAtOrBelow('mesos', 'a.mesos'))
})

test('networks', () => {
  for (const [text, network] of [
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/12', '10.0.0.0/12'],
    ['10.31.2.3/12', '10.16.0.0/12'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::1', '::1/128'],
    ['FD00:1::1/8', 'fd00::/8'],
    ['fe80::1/10', 'fe80::/10'],
    ['::ffff:10.1.2.3', '10.1.2.3/32'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['::ffff:10.1.2.3/95', undefined],
    ['10.0.0.0/33', undefined],
    ['::/129', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/-1', undefined],
    ['10.0.0/8', undefined],
    ['localhost', undefined],
    ['', undefined],
  ]) {
    assert.equal(parseNetwork(text ?? ''), network, text)
  }
})

test('a network holds the address it was made from, and is its own text form', () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(fc.oneof(octets(4), octets(16)), fc.nat(128), (bytes, prefix) => {
      fc.pre(prefix <= bytes.length * 8)
      const address = bytesToIp(bytes)
      fc.pre(ipToBytes(address)?.length === bytes.length)
      const network = parseNetwork(`${address}/${prefix}`) ?? ''
      assert.equal(parseNetwork(network), network)
      const base = ipToBytes(network.split('/')[0] ?? '') ?? new Uint8Array()
      assert.equal(bits(base).slice(0, prefix), bits(bytes).slice(0, prefix))
      assert.match(bits(base).slice(prefix), /^0*$/)
    }),
  )
})

function bits(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(2).padStart(8, '0')).join('')
}
