import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { HostPort } from '../../src/net/address.ts'
import {
  type FakeMaster,
  respond,
  sendJson,
  startLeader,
  startMaster,
  stateOf,
} from './fake-master.ts'
import { BASIC, fetcherFor } from './fetching.ts'

const agents = Array.from({ length: 2000 }, (_, i) => ({
  id: `S${i}`,
  hostname: `agent-${i}.example`,
  pid: `slave(1)@10.1.${i >> 8}.${i & 255}:5051`,
}))

const bigState = (leader: HostPort) => stateOf(leader, { slaves: agents })

/** Sends the state but for its last octets, and then has `end` do something else. */
function sendsMostOf(state: object, end: (destroy: () => void) => void): FakeMaster['handler'] {
  return (_, response) => {
    const text = JSON.stringify(state)
    response.setHeader('content-type', 'application/json')
    response.write(text.slice(0, -20), () => end(() => response.destroy()))
  }
}

test('a body that has not changed leads to the same state', async (t) => {
  const leader = await startLeader(t, bigState)
  const fetch = fetcherFor(t)
  const first = await fetch(leader)
  const second = await fetch(leader)
  leader.handler = (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
    response.end(gzipSync(JSON.stringify(bigState(leader.address))))
  }
  const third = await fetch(leader)
  assert.equal(first.state.agents.size, 2000)
  assert.equal(second.state, first.state)
  assert.equal(third.state, first.state)
  assert.deepEqual([second.bytes, third.bytes], [first.bytes, first.bytes])
})

test('bodies that fail, for whatever reason, leave what is known of the last good one', async (t) => {
  const leader = await startLeader(t, bigState)
  const good = leader.handler
  const fetch = fetcherFor(t, { config: { stateTimeoutSeconds: 1 } })
  const { state } = await fetch(leader)
  const empty = stateOf(leader.address)
  const most = bigState(leader.address)
  const faults: readonly (readonly [FakeMaster['handler'], RegExp])[] = [
    [sendsMostOf(most, (destroy) => destroy()), /cut short|complete/],
    [sendsMostOf(most, () => {}), /no complete answer within 1 s/],
    [respond(200, `${JSON.stringify(empty)}}`, 'application/json'), /is not JSON/],
    [respond(200, '{"a":1}', 'application/json'), /is no Mesos state/],
    [respond(200, '{"slaves":[]}', 'application/json'), /knows no leader/],
    [respond(503, 'recovering'), /status 503/],
  ]
  for (const [handler, message] of faults) {
    leader.handler = handler
    await assert.rejects(fetch(leader), message)
    leader.handler = good
    assert.equal((await fetch(leader)).state, state, String(message))
  }
})

test('an aborted body leaves what is known of the last good one', async (t) => {
  const leader = await startLeader(t, bigState)
  const good = leader.handler
  const controllers = [new AbortController(), new AbortController(), new AbortController()]
  const [, second] = controllers
  const fetch = fetcherFor(t, { signal: () => controllers.shift()?.signal })
  const { state } = await fetch(leader)
  leader.handler = sendsMostOf(bigState(leader.address), () => second?.abort(new Error('stopped')))
  await assert.rejects(fetch(leader), { message: 'stopped' })
  leader.handler = good
  assert.equal((await fetch(leader)).state, state)
})

test('the empty state of a master that does not lead is not what the next is compared with', async (t) => {
  const leader = await startLeader(t, bigState)
  const standby = await startLeader(t, () => stateOf(leader.address))
  const fetch = fetcherFor(t)
  const { state } = await fetch(leader)
  const again = await fetch(standby, leader)
  assert.deepEqual(again.master, leader.address)
  assert.equal(again.state, state)
})

test('a master may close the connection while its packed answer is still being unpacked', async (t) => {
  // nodejs/undici#5360: with the reader held back, this ended the process.
  const leader = await startMaster(t, () => {})
  const flags = randomBytes(150_000).toString('hex')
  const body = gzipSync(JSON.stringify(stateOf(leader.address, { flags, slaves: agents })))
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  leader.handler = ({ socket }) => socket.end(Buffer.concat([Buffer.from(head), body]))
  const { state, bytes } = await fetcherFor(t)(leader)
  assert.equal(state.agents.size, 2000)
  assert.ok(bytes > flags.length)
})

test('the body of a refusal is not taken for a state', async (t) => {
  const leader = await startMaster(t, () => {})
  leader.handler = (request, response) => {
    if (request.url === '/master/state')
      response.writeHead(404).end(JSON.stringify(stateOf(leader.address)))
    else sendJson(response, bigState(leader.address))
  }
  const fetch = fetcherFor(t, { config: BASIC })
  const { state } = await fetch(leader)
  assert.equal(state.agents.size, 2000)
})
