import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, describe, test } from 'node:test'
import {
  demoScenario,
  type MasterServer,
  type ServeMasterOptions,
  serveMasters,
} from '../../src/demo/index.ts'
import { sharedPath } from '../shared.ts'
import { keyPaths } from './key-paths.ts'
import { type StreamClient, subscribe } from './stream-client.ts'

const open: MasterServer[] = []
const clients: StreamClient[] = []
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function served(options: ServeMasterOptions = {}) {
  const { cluster, services } = demoScenario({ seed: 1 })
  const [web] = services
  const servers = await serveMasters(cluster, options)
  open.push(...servers)
  const [leader, other] = servers
  assert.ok(web !== undefined && leader !== undefined && other !== undefined)
  const launch = () => cluster.launch(web.framework, web.spec)
  return { cluster, leader, other, launch }
}

function client(server: MasterServer): StreamClient {
  const stream = subscribe(server)
  clients.push(stream)
  return stream
}

/** Once it has been told what there is. */
async function subscribed(server: MasterServer): Promise<StreamClient> {
  const stream = client(server)
  await stream.until('the first heartbeat', ({ types }) => types.includes('HEARTBEAT'))
  return stream
}

describe('a stream of events', () => {
  test('begins with what there is and a heartbeat; each record is a chunk with its length', async () => {
    const { leader, launch } = await served()
    const stream = await subscribed(leader)
    launch()
    await stream.until('the events', ({ types }) => types.length === 5)
    const update = 'TASK_UPDATED'
    assert.deepEqual(stream.types, ['SUBSCRIBED', 'HEARTBEAT', 'TASK_ADDED', update, update])
    for (const [i, chunk] of stream.chunks.entries()) {
      const record = JSON.stringify(stream.records[i])
      assert.equal(chunk, `${Buffer.byteLength(record)}\n${record}`)
    }
    const [first] = stream.records
    assert.equal(first?.['subscribed'].heartbeat_interval_seconds, 15)
    assert.equal(first?.['subscribed'].get_state.get_tasks.tasks.length, 11)
  })

  test('has the head and the first record of a real one', async (t) => {
    const path = sharedPath('mesos/stream/main.tcp')
    if (path === undefined) return t.skip('no recordings beside this checkout')
    const { leader } = await served()
    const stream = await subscribed(leader)
    const real = readFileSync(path, 'latin1').split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
    const fixed = real.filter((line) => !line.startsWith('Date:'))
    for (const line of fixed) assert.ok(stream.head.includes(line), line)
    const lines = readFileSync(path.replace('.tcp', '.ndjson'), 'utf8').split('\n', 1)
    const paths = keyPaths(JSON.parse(lines[0] ?? ''))
    const ours = keyPaths(stream.records[0])
    // The recording begins before there are frameworks and tasks.
    const empty = /subscribed\.get_state\.get_(tasks|frameworks)\./
    assert.deepEqual(
      [...ours].filter((key) => !paths.has(key) && !empty.test(key)),
      [],
    )
  })

  test('has heartbeats at the interval it names', async () => {
    const { leader } = await served({ heartbeatSeconds: 0.02 })
    const stream = client(leader)
    const beats = ({ types }: StreamClient) => types.filter((type) => type === 'HEARTBEAT').length
    await stream.until('three heartbeats', (now) => beats(now) >= 3)
    assert.equal(stream.records[0]?.['subscribed'].heartbeat_interval_seconds, 0.02)
  })

  test('brings each event to every subscriber once, whatever happens while it begins', async () => {
    const { leader, launch } = await served()
    const streams = [client(leader), client(leader)]
    await streams[0]?.until('a subscriber', () => leader.streams.size === 2)
    const task = launch()
    for (const stream of streams) {
      const told = ({ records }: StreamClient) =>
        records.filter(({ type }) => type === 'TASK_ADDED').map((r) => r['task_added'].task.task_id)
      await stream.until('the new task', (now) => told(now).length > 0)
      assert.deepEqual(told(stream), [{ value: task.id }])
    }
  })

  test('is refused by those who do not lead, or have not recovered', async () => {
    const { cluster, leader, other } = await served()
    const elsewhere = client(other)
    await elsewhere.until('an answer', ({ head }) => head.length > 1)
    assert.match(elsewhere.head[0] ?? '', / 307 /)
    assert.ok(elsewhere.head.includes(`Location: //127.0.0.1:${leader.address.port}/master/api/v1`))
    cluster.failOver({ to: other.master, recovery: 'slow' })
    const early = client(other)
    await early.until('an answer', ({ head }) => head.length > 1)
    assert.match(early.head[0] ?? '', / 503 /)
    cluster.recoverRegistry()
    const { records } = await subscribed(other)
    const agents = records[0]?.['subscribed'].get_state.get_agents
    assert.deepEqual([agents.agents.length, agents.recovered_agents.length], [0, 5])
  })

  test('is ended for the oldest subscriber when there are too many; its connection stays', async () => {
    const { leader } = await served({ maxSubscribers: 1 })
    const oldest = await subscribed(leader)
    const newest = await subscribed(leader)
    await oldest.until('its end', ({ state }) => state === 'done')
    assert.equal(newest.state, 'open')
    oldest.socket.write('GET /health HTTP/1.1\r\nHost: master\r\n\r\n')
    let answer = ''
    oldest.socket.on('data', (data) => {
      answer += data
    })
    await oldest.until('an answer on the same connection', () => answer.startsWith('HTTP/1.1 200'))
  })

  test('closes without its last chunk when the master is killed, or leads no more', async () => {
    const { cluster, leader, other } = await served()
    const killed = await subscribed(leader)
    await leader.kill()
    await killed.until('the end', ({ state }) => state === 'closed')
    assert.equal(killed.chunks.length, 2)
    const id = leader.master.id
    await leader.restart()
    assert.notEqual(leader.master.id, id)
    const deposed = await subscribed(leader)
    cluster.failOver({ to: other.master })
    await deposed.until('the end', ({ state }) => state === 'closed')
  })
})

describe('a stream with faults', () => {
  test('is cut within a record', async () => {
    const { leader, launch } = await served()
    const stream = await subscribed(leader)
    leader.streams.faults.once({ kind: 'cut', octets: 20 })
    launch()
    await stream.until('the end', ({ state }) => state === 'closed')
    assert.equal(stream.chunks.at(-1)?.length, 20)
  })

  test('brings garbage, wrong lengths and wrong texts', async () => {
    const { cluster, leader } = await served()
    const stream = await subscribed(leader)
    leader.streams.faults.once(
      { kind: 'garbage', octets: 'what?' },
      { kind: 'text', text: 'not JSON' },
      { kind: 'length', by: 3 },
    )
    for (let i = 0; i < 3; i++) cluster.addAgent()
    await stream.until('three more chunks', ({ chunks }) => chunks.length === 5)
    const [, , garbage, text, length] = stream.chunks
    assert.deepEqual([garbage, text], ['what?', '8\nnot JSON'])
    const [line = '', record = ''] = length?.split('\n') ?? []
    assert.equal(Number(line), record.length + 3)
  })

  test('loses events and keeps order when others are late', async () => {
    const { cluster, leader } = await served()
    const stream = await subscribed(leader)
    const agents = () =>
      stream.records.flatMap((record) => record['agent_added']?.agent.agent_info.hostname ?? [])
    leader.streams.faults.always({ kind: 'drop', every: 2 })
    for (let i = 0; i < 4; i++) cluster.addAgent()
    await stream.until('two agents', () => agents().length === 2)
    leader.streams.faults.clear()
    leader.streams.faults.once({ kind: 'delay', ms: 20 }, { kind: 'drop' })
    for (let i = 0; i < 3; i++) cluster.addAgent()
    await stream.until('four agents', () => agents().length === 4)
    assert.deepEqual(
      agents(),
      [5, 7, 9, 11].map((n) => `agent-${n}.example.test`),
    )
  })

  test('falls silent, and says nothing at all if it was silent from the begin', async () => {
    const { cluster, leader } = await served({ heartbeatSeconds: 0.01 })
    const stream = await subscribed(leader)
    leader.streams.faults.always({ kind: 'silence' })
    const mute = client(leader)
    await mute.until('the head', ({ head }) => head.length > 1)
    cluster.addAgent()
    const [before, early] = [stream.types, mute.types]
    leader.streams.faults.clear()
    await stream.until('a heartbeat', ({ types }) => types.length > before.length)
    assert.equal(stream.types.includes('AGENT_ADDED'), false)
    assert.deepEqual(early, [])
  })

  test('is cut anew, as by a proxy, or trickles', async () => {
    const { cluster, leader } = await served()
    leader.streams.faults.always({ kind: 'recut', octets: 1000 })
    const stream = await subscribed(leader)
    assert.equal(stream.chunks[0]?.length, 1000)
    leader.streams.faults.always({ kind: 'recut', octets: 100, everyMs: 1 })
    cluster.addAgent()
    await stream.until('the agent', ({ types }) => types.includes('AGENT_ADDED'))
    assert.equal(stream.chunks.at(-2)?.length, 100)
  })

  test('meets faults of its own, and of other requests only the standing one', async () => {
    const { leader } = await served()
    leader.faults.once({ kind: 'status', status: 500 })
    leader.streams.requestFaults.once(
      { kind: 'status', status: 403 },
      { kind: 'redirect', location: `//127.0.0.1:${leader.address.port}/api/v1` },
      { kind: 'reset' },
      { kind: 'delay', ms: 1 },
    )
    const refusal = async () => {
      const refused = client(leader)
      await refused.until('an answer', ({ head }) => head.length > 1)
      return refused.head[0]?.split(' ')[1]
    }
    assert.deepEqual([await refusal(), await refusal()], ['403', '307'])
    const reset = client(leader)
    await reset.until('the end', ({ state }) => state === 'closed')
    assert.equal((await subscribed(leader)).state, 'open')
    leader.faults.always({ kind: 'status', status: 502 })
    assert.equal(await refusal(), '502')
    leader.streams.requestFaults.always({ kind: 'none' })
    assert.equal((await subscribed(leader)).state, 'open')
  })
})

describe('a master that lies', () => {
  const agentsAndTasks = (stream: StreamClient) => {
    const { get_agents, get_tasks } = stream.records[0]?.['subscribed'].get_state ?? {}
    return [get_agents.agents.length, get_tasks.tasks.length]
  }

  test('tells of nothing, of agents only, of another cluster or of old times, and no events', async () => {
    const { cluster, leader, launch } = await served()
    const other = demoScenario({ seed: 2 }).cluster
    other.addAgent()
    const told = async () => agentsAndTasks(await subscribed(leader))
    leader.testimony.lie({ kind: 'empty' })
    assert.deepEqual(await told(), [0, 0])
    leader.testimony.lie({ kind: 'limited' })
    assert.deepEqual(await told(), [5, 0])
    leader.testimony.lie({ kind: 'other', cluster: other })
    assert.deepEqual(await told(), [6, 11])
    leader.testimony.lie({ kind: 'old' })
    const stream = await subscribed(leader)
    for (const agent of [...cluster.agents].slice(1)) cluster.removeAgent(agent)
    launch()
    assert.deepEqual(await told(), [5, 11])
    leader.testimony.tellTruth()
    cluster.addAgent()
    await stream.until('the truth', ({ types }) => types.includes('AGENT_ADDED'))
    assert.deepEqual(stream.types, ['SUBSCRIBED', 'HEARTBEAT', 'AGENT_ADDED'])
    assert.equal((await told())[0], 2)
  })

  test('lies to those who ask for the state as well', async () => {
    const { leader } = await served()
    const agents = async () => {
      const response = await fetch(`${leader.url}/state`)
      return ((await response.json()) as { slaves: unknown[] }).slaves.length
    }
    assert.equal(await agents(), 5)
    leader.testimony.lie({ kind: 'empty' })
    assert.equal(await agents(), 0)
    leader.testimony.tellTruth()
    assert.equal(await agents(), 5)
  })
})
