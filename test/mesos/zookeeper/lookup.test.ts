import assert from 'node:assert/strict'
import type { lookup } from 'node:dns'
import { test } from 'node:test'
import fc from 'fast-check'
import { shufflingLookup } from '../../../src/mesos/detect/zookeeper/lookup.ts'
import { shuffled } from '../../../src/mesos/detect/zookeeper/shuffle.ts'

const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, family: 4 }))

/** A system that knows these addresses, or fails. */
function system(answer: Error | readonly { address: string; family: number }[]) {
  return ((_: string, options: object, callback: (...results: unknown[]) => void) => {
    assert.equal('all' in options && options.all, true)
    if (answer instanceof Error) callback(answer, undefined)
    else callback(null, answer)
  }) as unknown as typeof lookup
}

function look(answer: Parameters<typeof system>[0], all: boolean): unknown[] {
  const told: unknown[] = []
  // Zeros rotate the list.
  shufflingLookup(() => 0, system(answer))('zk.example', { all }, (...results) => {
    told.push(...results)
  })
  return told
}

test('all addresses of a name, in another order', () => {
  const [first, second, third] = ADDRESSES
  assert.deepEqual(look(ADDRESSES, true), [null, [second, third, first]])
})

test('one of them, where one is asked for', () => {
  assert.deepEqual(look(ADDRESSES, false), [null, '10.0.0.2', 4])
})

test('a name that is not found, or has no address', () => {
  const error = Object.assign(new Error('no'), { code: 'EAI_AGAIN' })
  assert.deepEqual(look(error, true), [error, '', 0])
  const [none] = look([], false)
  assert.ok(none instanceof Error)
  assert.equal(none.message, 'zk.example has no address')
})

test('shuffling keeps everything, and every order comes about', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat()),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (a, r) => {
        const numbers = r[Symbol.iterator]()
        const result = shuffled(a, () => numbers.next().value)
        assert.deepEqual(
          result.toSorted((x, y) => x - y),
          a.toSorted((x, y) => x - y),
        )
      },
    ),
  )
  const orders = new Set<string>()
  for (const i of [0, 0.4, 0.9]) {
    for (const j of [0, 0.9]) {
      const numbers = [i, j]
      orders.add(shuffled(['a', 'b', 'c'], () => numbers.shift() ?? 0).join(''))
    }
  }
  assert.equal(orders.size, 6)
})
