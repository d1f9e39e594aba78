import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LocalAddresses } from '../../src/dns/local-addresses.ts'

const address = (last: number) => Uint8Array.of(10, 1, 2, last)

/** What next() gives until there is no more. */
function all(addresses: LocalAddresses): unknown[] {
  const found: unknown[] = []
  for (let next = addresses.next(); next !== undefined; next = addresses.next()) found.push(next)
  return found
}

test('what one thread adds all see, each once', () => {
  const memory = LocalAddresses.allocate()
  const [one, other] = [new LocalAddresses(memory), new LocalAddresses(memory)]
  one.add(address(1), 0)
  assert.deepEqual(all(other), [{ host: '10.1.2.1', scope: 0 }])
  other.add(address(2), 0)
  assert.deepEqual(all(other), [{ host: '10.1.2.2', scope: 0 }])
  assert.deepEqual(all(one), [
    { host: '10.1.2.1', scope: 0 },
    { host: '10.1.2.2', scope: 0 },
  ])
})

test('an address that several threads add takes one place, another interface makes another of it', () => {
  const memory = LocalAddresses.allocate()
  const threads = Array.from({ length: 100 }, () => new LocalAddresses(memory))
  for (const thread of threads) thread.add(address(1), 2)
  threads[0]?.add(address(1), 3)
  threads[1]?.add(address(2), 2)
  assert.deepEqual(all(new LocalAddresses(memory)), [
    { host: '10.1.2.1', scope: 2 },
    { host: '10.1.2.1', scope: 3 },
    { host: '10.1.2.2', scope: 2 },
  ])
})

test('there is an end to it', () => {
  const addresses = LocalAddresses.allocate()
  for (let i = 0; i < 200; i++) new LocalAddresses(addresses).add(address(i), 0)
  assert.equal(all(new LocalAddresses(addresses)).length, 64)
})
