import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AuthError } from '../../src/mesos/errors.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { redirectTo, respond, sendJson, startLeader, startMaster, stateOf } from './fake-master.ts'
import { BASIC, BASIC_HEADER, deadAddress, fetcherFor } from './fetching.ts'

const STATUSES = [301, 302, 303, 307, 308]

for (const status of STATUSES) {
  test(`a ${status} to the leader is followed`, async (t) => {
    const leader = await startLeader(t)
    const other = await startMaster(t, redirectTo(`//${leader.name}/master/state`, status))
    const { master } = await fetcherFor(t)(other)
    assert.deepEqual(master, leader.address)
    assert.deepEqual(leader.paths(), ['/master/state'])
  })
}

test('an absolute Location and one without a host work too', async (t) => {
  const leader = await startMaster(t, (request, response) => {
    if (request.url === '/here?x=1') sendJson(response, stateOf(leader.address))
    else redirectTo('/here?x=1')(request, response)
  })
  const other = await startMaster(t, redirectTo(`http://${leader.name}/there`))
  await fetcherFor(t)(other)
  assert.deepEqual(leader.paths(), ['/there', '/here?x=1'])
})

test('masters that redirect to each other are not asked in a circle', async (t) => {
  const first = await startMaster(t, () => {})
  const second = await startMaster(t, redirectTo(`//${first.name}/master/state`))
  first.handler = redirectTo(`//${second.name}/master/state`)
  await assert.rejects(fetcherFor(t)(first), /points to .*, which was asked before/)
  assert.deepEqual([first.seen.length, second.seen.length], [1, 1])
})

test('a master that redirects to itself without end is left after ten times', async (t) => {
  const master = await startMaster(t, redirectTo('/master/state'))
  await assert.rejects(fetcherFor(t)(master), /more than 10 redirects/)
  assert.equal(master.seen.length, 11)
})

const NOWHERE: readonly (readonly [location: string, message: RegExp])[] = [
  ['', /redirects without saying where to/],
  ['ftp://127.0.0.1/state', /redirects to "ftp:.*", neither http nor https/],
  ['file:///etc/passwd', /neither http nor https/],
  ['http://[::1', /redirects to "http:\/\/\[::1", no URL/],
]

for (const [location, message] of NOWHERE) {
  test(`Location ${JSON.stringify(location)} leads nowhere`, async (t) => {
    const master = await startMaster(t, redirectTo(location))
    await assert.rejects(fetcherFor(t)(master), message)
  })
}

test('what fails at the target of a redirect is told of the target', async (t) => {
  const other = await startMaster(t, respond(503, 'recovering'))
  const master = await startMaster(t, redirectTo(`//${other.name}/master/state`))
  await assert.rejects(fetcherFor(t)(master), {
    message: `${master.name}: leads to ${other.name}: answered with status 503: "recovering"`,
  })
  const dead = formatHostPort((await deadAddress()).address)
  master.handler = redirectTo(`//${dead}/master/state`)
  await assert.rejects(fetcherFor(t)(master), {
    message: `${master.name}: leads to ${dead}: connection refused (ECONNREFUSED)`,
  })
})

test('a dead leader that several masters point to is tried once', async (t) => {
  const leader = await startMaster(t, (request) => request.socket.destroy())
  const first = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  const second = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  await assert.rejects(fetcherFor(t)(first, second), /no master has a state/)
  assert.equal(leader.seen.length, 1)
})

test('the leader among the configured masters gets the credentials on a redirect', async (t) => {
  const leader = await startLeader(t)
  const other = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  await fetcherFor(t, { config: BASIC })(other, leader)
  assert.equal(other.seen[0]?.authorization, BASIC_HEADER)
  assert.equal(leader.seen[0]?.authorization, BASIC_HEADER)
})

test('a host that is neither configured nor detected gets none', async (t) => {
  const foreign = await startMaster(t, respond(401, '401 Unauthorized.'))
  const other = await startMaster(t, redirectTo(`//${foreign.name}/master/state`))
  await assert.rejects(fetcherFor(t, { config: BASIC })(other), (error) => {
    assert.ok(error instanceof AuthError)
    assert.match(
      error.message,
      /neither configured nor detected, so it gets none; add it to masters/,
    )
    assert.doesNotMatch(error.message, /sésame/)
    return true
  })
  assert.deepEqual(
    foreign.seen.map(({ authorization }) => authorization),
    [undefined],
  )
})

test('user and password in a Location are not sent either', async (t) => {
  const foreign = await startLeader(t)
  const other = await startMaster(t, redirectTo(`http://eve:pw@${foreign.name}/state`))
  await fetcherFor(t, { config: BASIC })(other)
  assert.equal(foreign.seen[0]?.authorization, undefined)
})

test('a foreign state that names a leader does not make that one trusted', async (t) => {
  const bait = await startLeader(t)
  const foreign = await startLeader(t, () => stateOf(bait.address))
  const other = await startMaster(t, redirectTo(`//${foreign.name}/master/state`))
  await fetcherFor(t, { config: BASIC })(other)
  assert.equal(foreign.seen[0]?.authorization, undefined)
  assert.equal(bait.seen[0]?.authorization, undefined)
})

test('the leader that a configured master names in its state gets the credentials', async (t) => {
  const leader = await startLeader(t)
  const other = await startLeader(t, () => stateOf(leader.address))
  await fetcherFor(t, { config: BASIC })(other)
  assert.equal(leader.seen[0]?.authorization, BASIC_HEADER)
})

test('a redirect by host name reaches a configured master at its configured address', async (t) => {
  const leader = await startLeader(t)
  const location = `//m1.example:${leader.address.port}/master/state`
  const other = await startMaster(t, redirectTo(location))
  const lookup = async (name: string) => (name === 'm1.example' ? ['127.0.0.1'] : [])
  const { master } = await fetcherFor(t, { config: BASIC, lookup })(other, leader)
  assert.deepEqual(master, leader.address)
  assert.equal(leader.seen[0]?.authorization, BASIC_HEADER)
  assert.equal(leader.seen[0]?.headers.host, leader.name)
})
