import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redirectTo, respond, sendJson, startLeader, startMaster, stateOf } from './fake-master.ts'
import { fetcherFor } from './fetching.ts'

test('the request is a plain GET that asks for JSON and gzip', async (t) => {
  const leader = await startLeader(t)
  const { state, master } = await fetcherFor(t)(leader)
  assert.deepEqual(state.leader, leader.address)
  assert.deepEqual(master, leader.address)
  const [request, ...more] = leader.seen
  assert.deepEqual(more, [])
  assert.equal(request?.method, 'GET')
  assert.equal(request?.path, '/master/state')
  assert.equal(request?.headers['user-agent'], 'mesos-ns/test')
  assert.equal(request?.headers['accept-encoding'], 'gzip')
  assert.equal(request?.headers.host, leader.name)
  assert.equal(request?.authorization, undefined)
})

test('a state that names another leader is followed to its host and port', async (t) => {
  const leader = await startLeader(t)
  const other = await startLeader(t, () => stateOf(leader.address))
  const { master } = await fetcherFor(t)(other)
  assert.deepEqual(master, leader.address)
  assert.equal(leader.seen.length, 1)
})

test('a master that calls itself the leader is believed whatever address it was reached at', async (t) => {
  const inside = { host: '192.0.2.1', port: 5050 }
  const leader = await startLeader(t, () => stateOf(inside, { pid: 'master@192.0.2.1:5050' }))
  const { master, state } = await fetcherFor(t)(leader)
  assert.deepEqual(master, leader.address)
  assert.deepEqual(state.leader, inside)
})

test('a leader known by a host name is recognised by its addresses', async (t) => {
  const leader = await startLeader(t)
  const lookup = async (name: string) => (name === 'm1.example' ? ['::1', '127.0.0.1'] : [])
  const other = await startLeader(t, () =>
    stateOf({ host: 'm1.example', port: other.address.port }, {}),
  )
  await fetcherFor(t, { lookup })(other)
  assert.equal(other.seen.length, 1)
  assert.equal(leader.seen.length, 0)
})

test('the same host with another port is another master', async (t) => {
  const leader = await startLeader(t)
  const other = await startLeader(t, () => stateOf(leader.address))
  await fetcherFor(t)(other, leader)
  assert.deepEqual([other.seen.length, leader.seen.length], [1, 1])
})

test('masters that name each other as leader end in an error, not in a circle', async (t) => {
  const first = await startMaster(t, () => {})
  const second = await startLeader(t, () => stateOf(first.address))
  first.handler = (_, response) => sendJson(response, stateOf(second.address))
  await assert.rejects(fetcherFor(t)(first, second), {
    code: 'MESOS_NS_STATE_FETCH',
    message: `${first.name}: points to ${first.name}, which was asked before`,
  })
  assert.deepEqual([first.seen.length, second.seen.length], [1, 1])
})

test('what fails at the leader that a state names is told of that leader', async (t) => {
  const other = await startMaster(t, respond(200, '<html>', 'text/html'))
  const master = await startLeader(t, () => stateOf(other.address))
  await assert.rejects(fetcherFor(t)(master), {
    code: 'MESOS_NS_STATE_FORMAT',
    message: `${master.name}: leads to ${other.name}: answered with text/html that is not JSON, 6 bytes beginning with "<html>": unexpected < at byte 0`,
  })
})

test('a master without a leader is passed over for the next one', async (t) => {
  const lost = await startLeader(t, () => ({ leader: '', slaves: [], frameworks: [] }))
  const leader = await startLeader(t)
  const { master } = await fetcherFor(t)(lost, leader)
  assert.deepEqual(master, leader.address)
  await assert.rejects(fetcherFor(t)(lost), { message: `${lost.name} knows no leader` })
})

test('an old master that only has state.json is asked there at once the next time', async (t) => {
  const leader = await startMaster(t, (request, response) => {
    if (request.url === '/state.json') sendJson(response, stateOf(leader.address))
    else response.writeHead(404).end()
  })
  const fetch = fetcherFor(t)
  await fetch(leader)
  assert.deepEqual(leader.paths(), ['/master/state', '/state', '/state.json'])
  await fetch(leader)
  assert.deepEqual(leader.paths().slice(3), ['/state.json'])
  leader.handler = (request, response) => {
    if (request.url === '/master/state') sendJson(response, stateOf(leader.address))
    else response.writeHead(404).end()
  }
  await fetch(leader)
  assert.deepEqual(leader.paths().slice(4), ['/state.json', '/master/state'])
})

test('every form is tried before a master is said to have no state', async (t) => {
  const web = await startMaster(t, (_, response) => response.writeHead(404).end('Not here\n<more>'))
  await assert.rejects(fetcherFor(t)(web), {
    code: 'MESOS_NS_STATE_FETCH',
    message: `${web.name}: answered with status 404: "Not here"; it serves no /state, is it a Mesos master?`,
  })
  assert.deepEqual(web.paths(), ['/master/state', '/state', '/state.json', '/master/state.json'])
})

test('the forms are tried on the master that a redirect led to', async (t) => {
  const leader = await startMaster(t, (request, response) => {
    if (request.url === '/state.json') sendJson(response, stateOf(leader.address))
    else response.writeHead(404).end()
  })
  const other = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  const { master } = await fetcherFor(t)(other)
  assert.deepEqual(master, leader.address)
  assert.equal(other.seen.length, 1)
})
