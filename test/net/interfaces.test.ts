import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isIp } from '../../src/net/address.ts'
import { localAddresses, reachableAddresses } from '../../src/net/interfaces.ts'

test('the addresses of this host include loopback, and are addresses without a scope', () => {
  const addresses = localAddresses()
  assert.ok(addresses.includes('127.0.0.1'))
  assert.deepEqual(
    addresses.filter((address) => !isIp(address)),
    [],
  )
})

describe('where a listener is reached', () => {
  for (const listener of ['10.0.0.53', '127.0.0.1', 'fd00::53', '::']) {
    test(`${listener}: at itself`, () =>
      assert.deepEqual(reachableAddresses([listener]), [listener]))
  }

  test('several: at all of them', () => {
    assert.deepEqual(reachableAddresses(['10.0.0.53', 'fd00::53']), ['10.0.0.53', 'fd00::53'])
  })

  test('0.0.0.0: at every address but the loopback ones', () => {
    const addresses = reachableAddresses(['0.0.0.0'])
    assert.ok(!addresses.includes('127.0.0.1') && !addresses.includes('::1'))
    const others = localAddresses().filter((address) => !/^(127\.|::1$)/.test(address))
    assert.deepEqual(addresses, others)
  })
})
