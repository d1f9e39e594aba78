import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FetchedState } from '../../src/mesos/fetch.ts'
import { StreamOrigin } from '../../src/mesos/stream-origin.ts'
import { createHostResolver } from '../../src/state/host-resolver.ts'

const A = { host: 'a.example', port: 5050 }
const B = { host: '192.0.2.2', port: 5050 }

const lookup = async (name: string) => (name === 'a.example' ? ['192.0.2.1'] : [])
const originOf = () => new StreamOrigin(createHostResolver({ lookup }))

function from(master: { host: string; port: number }, masterId?: string): FetchedState {
  return { master, masterId } as FetchedState
}

test('without a stream no state shows anything', async () => {
  const origin = originOf()
  assert.equal(await origin.isOutdated(from(B, '2')), false)
  origin.connected(A)
  origin.lost()
  assert.equal(await origin.isOutdated(from(B, '2')), false)
})

test('states of the same process, under whatever name, are those of the stream', async () => {
  const origin = originOf()
  origin.connected(A)
  const states = [from(A, '1'), from({ host: '192.0.2.1', port: 5050 }, '1'), from(B, '1'), from(A)]
  for (const state of states) assert.equal(await origin.isOutdated(state), false)
})

test('an address that the name of the stream has is the same master', async () => {
  const origin = originOf()
  origin.connected(A)
  assert.equal(await origin.isOutdated(from({ host: '192.0.2.1', port: 5050 }, '1')), false)
})

test('another process at the same address is another master', async () => {
  const origin = originOf()
  origin.connected(A)
  assert.equal(await origin.isOutdated(from(A, '1')), false)
  assert.equal(await origin.isOutdated(from(A, '2')), true)
  origin.connected(A)
  assert.equal(await origin.isOutdated(from(A, '2')), false)
  assert.equal(await origin.isOutdated(from(A, '3')), true)
})

test('another address is another master, once', async () => {
  const origin = originOf()
  origin.connected(A)
  assert.equal(await origin.isOutdated(from(B, '2')), true)
  origin.connected(A)
  assert.equal(await origin.isOutdated(from(B, '2')), false, 'connecting anew led there again')
  assert.equal(await origin.isOutdated(from(B, '3')), true)
})

test('masters that tell no id are told apart by their addresses', async () => {
  const origin = originOf()
  origin.connected(A)
  assert.equal(await origin.isOutdated(from(A)), false)
  assert.equal(await origin.isOutdated(from(B)), true)
})
