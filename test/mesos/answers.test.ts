import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { AuthError, StateFetchError } from '../../src/mesos/errors.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import { type Handler, respond, startLeader, startMaster, stateOf } from './fake-master.ts'
import { BASIC, deadAddress, fetcherFor } from './fetching.ts'

function gzipped(text: string, cut = 0): Handler {
  const bytes = gzipSync(text)
  return (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
    response.end(bytes.subarray(0, bytes.length - cut))
  }
}

const manyAgents = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `S${i}`, pid: `slave(1)@10.0.0.1:${i}` }))

test('a compressed state is decoded', async (t) => {
  const leader = await startMaster(t, () => {})
  const text = JSON.stringify(stateOf(leader.address, { slaves: manyAgents(3) }))
  leader.handler = gzipped(text)
  const { state, bytes } = await fetcherFor(t)(leader)
  assert.equal(state.agents.size, 3)
  assert.equal(bytes, text.length)
})

test('a state in many pieces, cut anywhere, is put together', async (t) => {
  const leader = await startMaster(t, () => {})
  const name = 'группа'
  const bytes = Buffer.from(
    JSON.stringify(stateOf(leader.address, { frameworks: [{ id: 'f', name, tasks: [] }] })),
  )
  leader.handler = (_, response) => writeByteByByte(response, bytes)
  const { state } = await fetcherFor(t)(leader)
  assert.equal(state.frameworks[0]?.name, name)
})

async function writeByteByByte(response: ServerResponse, bytes: Buffer) {
  for (const byte of bytes) {
    response.write(Uint8Array.of(byte))
    await new Promise(setImmediate)
  }
  response.end()
}

test('a limited principal gets empty lists, and that is a state', async (t) => {
  const leader = await startLeader(t)
  const { state, report } = await fetcherFor(t)(leader)
  assert.deepEqual([state.agents.size, state.frameworks.length], [0, 0])
  assert.deepEqual(report.problems, [])
})

test('odd objects of a state are reported with it', async (t) => {
  const leader = await startLeader(t, (address) => stateOf(address, { slaves: [{ id: 'S0' }] }))
  const { report } = await fetcherFor(t)(leader)
  assert.deepEqual([...report.counts()], [['agent-without-pid', 1]])
})

const KIB = 1024

test('a body over the limit is given up, whether it was compressed or not', async (t) => {
  const leader = await startMaster(t, () => {})
  const json = JSON.stringify(stateOf(leader.address, { slaves: manyAgents(5000) }))
  for (const handler of [gzipped(json), respond(200, json, 'application/json')]) {
    leader.handler = handler
    const fetch = fetcherFor(t, { maxBytes: 100 * KIB })
    await assert.rejects(fetch(leader), /answer is larger than 100 KiB/)
  }
})

test('a compressed bomb is stopped at the limit', async (t) => {
  const leader = await startMaster(t, gzipped(' '.repeat(64 * KIB * KIB)))
  await assert.rejects(fetcherFor(t, { maxBytes: KIB * KIB })(leader), /larger than 1024 KiB/)
})

const FAULTS: readonly (readonly [what: string, Handler, message: RegExp])[] = [
  ['500', respond(500, 'Internal error\nstack'), /answered with status 500: "Internal error"$/],
  ['503', respond(503, 'No leader elected'), /answered with status 503: "No leader elected"/],
  ['204', (_, response) => response.writeHead(204).end(), /answered with status 204$/],
  ['300', respond(300), /answered with status 300$/],
  [
    'a web page',
    respond(200, '<html>hello</html>', 'text/html'),
    /answered with text\/html that is not JSON, 18 bytes beginning with "<html>hello<\/html>"/,
  ],
  ['nothing', (_, response) => response.end(), /no content type that is not JSON, 0 bytes/],
  ['half a document', respond(200, '{"leader":"mas', 'application/json'), /not JSON, 14 bytes/],
  [
    'a list',
    respond(200, '[]', 'application/json'),
    /a Mesos state is a JSON object, this is a list/,
  ],
  ['another object', respond(200, '{"a":1}', 'application/json'), /is no Mesos state/],
  ['a broken gzip', gzipped('{}', 4), /compressed answer ends too early \(Z_BUF_ERROR\)/],
  [
    'gzip that is none',
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{}'),
    /compressed answer is damaged \(Z_DATA_ERROR\)/,
  ],
  [
    'a coding that was not asked for',
    (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('{}'),
    /content encoding br/,
  ],
  [
    'less than promised',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"leader":', () => response.destroy())
    },
    /connection closed before the answer was complete/,
  ],
  [
    'a cut chunked body',
    (_, response) => response.write('{"leader":', () => response.destroy()),
    /answer is cut short, or no HTTP/,
  ],
  ['a hang-up', (request) => request.socket.destroy(), /before the answer was complete/],
]

/** Answers that arrive whole and are no state. */
const DOCUMENTS = ['a web page', 'nothing', 'half a document', 'a list', 'another object']

for (const [what, handler, message] of FAULTS) {
  const isDocument = DOCUMENTS.includes(what)
  test(`${what} is an error that says so, and the next master is asked`, async (t) => {
    const faulty = await startMaster(t, handler)
    await assert.rejects(fetcherFor(t)(faulty), (error) => {
      assert.ok(error instanceof (isDocument ? StateFormatError : StateFetchError))
      assert.match(error.message, message)
      assert.ok(error.message.startsWith(faulty.name), error.message)
      return true
    })
    const leader = await startLeader(t)
    const { master } = await fetcherFor(t)(faulty, leader)
    assert.deepEqual(master, leader.address)
  })
}

const REFUSALS: readonly (readonly [status: number, withBasic: boolean, message: RegExp])[] = [
  [401, false, /wants credentials \(401\); set mesosAuthentication and mesosCredentials$/],
  [403, false, /wants credentials \(403\)/],
  [401, true, /refuses the credentials of "dns" \(401\); check the principal/],
  [403, true, /does not let its state be read by "dns" \(403\)/],
]

for (const [status, withBasic, message] of REFUSALS) {
  test(`${status} ${withBasic ? 'with' : 'without'} credentials is an AuthError`, async (t) => {
    const master = await startMaster(t, respond(status, 'Unauthorized.'))
    const fetch = fetcherFor(t, withBasic ? { config: BASIC } : {})
    await assert.rejects(fetch(master), (error) => {
      assert.ok(error instanceof AuthError)
      assert.equal(error.code, 'MESOS_NS_MASTER_AUTH')
      assert.match(error.message, message)
      return true
    })
    assert.equal(master.seen.length, 1)
  })
}

test('a master that does not answer is left after the timeout', async (t) => {
  const slow = await startMaster(t, () => {})
  const fetch = fetcherFor(t, { config: { stateTimeoutSeconds: 0.05 } })
  await assert.rejects(fetch(slow), /no complete answer within 0.05 s/)
})

test('the timeout covers the body, however steadily it drips', async (t) => {
  const slow = await startMaster(t, (_, response) => {
    const timer = setInterval(() => response.write(' '), 5)
    response.on('close', () => clearInterval(timer))
  })
  const fetch = fetcherFor(t, { config: { stateTimeoutSeconds: 0.1 } })
  await assert.rejects(fetch(slow), /no complete answer within 0.1 s/)
})

test('an aborted fetch ends with the reason, asking nobody else', async (t) => {
  const controller = new AbortController()
  const hanging = await startMaster(t, () => controller.abort(new Error('stopped')))
  const leader = await startLeader(t)
  const fetch = fetcherFor(t, { signal: controller.signal })
  await assert.rejects(fetch(hanging, leader), { message: 'stopped' })
  assert.equal(leader.seen.length, 0)
})

test('every master that failed is named with its reason', async (t) => {
  const dead = await deadAddress()
  const broken = await startMaster(t, respond(503, 'recovering'))
  const refusing = await startMaster(t, respond(401))
  await assert.rejects(fetcherFor(t)(dead, broken, refusing), (error) => {
    assert.ok(error instanceof StateFetchError)
    assert.match(error.message, /^no master has a state: 127\.0\.0\.1:\d+: connection refused/)
    assert.match(error.message, /; 127\.0\.0\.1:\d+: answered with status 503: "recovering"; /)
    assert.match(error.message, /; 127\.0\.0\.1:\d+ wants credentials \(401\)/)
    return true
  })
})

test('without any master there is a clear error', async (t) => {
  await assert.rejects(fetcherFor(t)(), { message: 'no master is known yet; check zk and masters' })
})

test('a host name that does not exist is named', async (t) => {
  const address = { host: 'nowhere.invalid', port: 5050 }
  await assert.rejects(fetcherFor(t)({ address }), /nowhere\.invalid:5050: host name/)
})
