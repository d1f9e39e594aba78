import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { ReaderEpochs } from '../../src/zone/epochs.ts'

test('without readers nothing is held', () => {
  assert.equal(ReaderEpochs.create(3).oldest(), Number.POSITIVE_INFINITY)
})

test('the slowest reader counts, until it has left', () => {
  const epochs = ReaderEpochs.create(3)
  epochs.enter(0, 4)
  epochs.enter(2, 4)
  assert.equal(epochs.oldest(), 4)
  epochs.acknowledge(0, 7)
  assert.equal(epochs.oldest(), 4)
  epochs.acknowledge(2, 6)
  assert.equal(epochs.oldest(), 6)
  epochs.leave(2)
  assert.equal(epochs.oldest(), 7)
  epochs.leave(0)
  assert.equal(epochs.oldest(), Number.POSITIVE_INFINITY)
})

test('who has left cannot hold anything by a late acknowledgement', () => {
  const epochs = ReaderEpochs.create(2)
  epochs.enter(0, 9)
  epochs.enter(1, 3)
  epochs.leave(1)
  epochs.acknowledge(1, 4)
  assert.equal(epochs.oldest(), 9)
})

test('epochs beyond 32 bits', () => {
  const epochs = ReaderEpochs.create(1)
  epochs.enter(0, 2 ** 40)
  assert.equal(epochs.oldest(), 2 ** 40)
})

test('a slot that does not exist is a fault of the caller', () => {
  const epochs = ReaderEpochs.create(2)
  for (const slot of [2, -1, 0.5]) {
    assert.throws(() => epochs.enter(slot, 1), RangeError)
    assert.throws(() => epochs.acknowledge(slot, 1), RangeError)
    assert.throws(() => epochs.leave(slot), RangeError)
  }
})

test('two views of one buffer are one thing', () => {
  const writer = ReaderEpochs.create(2)
  const reader = new ReaderEpochs(writer.buffer)
  writer.enter(1, 1)
  reader.acknowledge(1, 2)
  assert.equal(writer.oldest(), 2)
})

test('as a Map of slots would have it', () => {
  const slot = fc.nat(3)
  const step = fc.record({
    what: fc.constantFrom('enter', 'acknowledge', 'leave'),
    slot,
    epoch: fc.integer({ min: 1, max: 1000 }),
  })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const epochs = ReaderEpochs.create(4)
      const model = new Map<number, number>()
      for (const { what, slot, epoch } of steps) {
        if (what === 'enter') epochs.enter(slot, epoch)
        else if (what === 'acknowledge') epochs.acknowledge(slot, epoch)
        else epochs.leave(slot)
        if (what === 'leave') model.delete(slot)
        else if (what === 'enter' || model.has(slot)) model.set(slot, epoch)
        assert.equal(epochs.oldest(), Math.min(...model.values()))
      }
    }),
  )
})

test('an acknowledgement reaches another thread', async () => {
  const epochs = ReaderEpochs.create(2)
  epochs.enter(0, 100_000)
  epochs.enter(1, 1)
  const reader = new Worker(
    `const { workerData } = require('node:worker_threads')
     const slots = new BigInt64Array(workerData)
     for (let epoch = 2n; epoch <= 50000n; epoch++) Atomics.store(slots, 1, epoch)`,
    { eval: true, workerData: epochs.buffer },
  )
  const ended = once(reader, 'exit')
  let running = true
  const seen: number[] = [epochs.oldest()]
  void ended.then(() => {
    running = false
  })
  while (running) {
    seen.push(epochs.oldest())
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(
    seen.every((epoch, i) => i === 0 || epoch >= (seen[i - 1] ?? 0)),
    'never falls',
  )
  assert.equal(epochs.oldest(), 50_000)
})
