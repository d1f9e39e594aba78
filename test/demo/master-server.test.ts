import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { afterEach, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import {
  demoScenario,
  type MasterServer,
  type ServeMasterOptions,
  serveMaster,
  serveMasters,
} from '../../src/demo/index.ts'

const open: MasterServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function masterOf(options: ServeMasterOptions = {}) {
  const { cluster } = demoScenario({ seed: 1, masters: 1 })
  const server = await serveMaster(cluster, options)
  open.push(server)
  return { cluster, server }
}

async function threeMasters() {
  const { cluster } = demoScenario({ seed: 1 })
  const servers = await serveMasters(cluster)
  open.push(...servers)
  return { cluster, servers }
}

interface Got {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

/** Plain node:http, which follows no redirect and unpacks nothing. */
function get(
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Record<string, string>
    readonly body?: string
    readonly signal?: AbortSignal
  } = {},
): Promise<Got> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false, ...rest }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

function call(url: string, type: unknown, headers: Record<string, string> = {}) {
  return get(`${url}/api/v1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ type }),
  })
}

describe('a leading master', () => {
  for (const path of ['/state', '/master/state', '/state?x=1']) {
    test(`answers ${path} with the state`, async () => {
      const { server } = await masterOf()
      const { status, headers, body } = await get(`${server.url}${path}`)
      assert.equal(status, 200)
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers['content-length'], String(body.length))
      const state = JSON.parse(body.toString())
      assert.equal(state.leader, `master@127.0.0.1:${server.address.port}`)
      assert.equal(state.slaves.length, 5)
    })
  }

  test('answers its other lists', async () => {
    const { server } = await masterOf()
    const list = async (name: string) =>
      JSON.parse((await get(`${server.url}/master/${name}`)).body.toString())[name].length
    assert.deepEqual(await Promise.all(['slaves', 'frameworks', 'tasks'].map(list)), [5, 3, 11])
  })

  test('answers with the newest state', async () => {
    const { cluster, server } = await masterOf()
    const agents = async () =>
      JSON.parse((await get(`${server.url}/state`)).body.toString()).slaves.length
    assert.equal(await agents(), 5)
    cluster.addAgent()
    assert.equal(await agents(), 6)
  })

  test('compresses on request, and only then', async () => {
    const { server } = await masterOf()
    const plain = await get(`${server.url}/state`)
    const packed = await get(`${server.url}/state`, { headers: { 'Accept-Encoding': 'gzip' } })
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(packed.headers['content-encoding'], 'gzip')
    assert.deepEqual(gunzipSync(packed.body), plain.body)
  })

  test('has no state.json, unless it is an old one', async () => {
    const { server } = await masterOf()
    assert.equal((await get(`${server.url}/state.json`)).status, 404)
    assert.equal((await get(`${server.url}/master/state.json`)).status, 404)
    const old = await masterOf({ stateSpelling: 'state.json' })
    assert.equal((await get(`${old.server.url}/master/state.json`)).status, 200)
    assert.equal((await get(`${old.server.url}/state`)).status, 404)
    const between = await masterOf({ stateSpelling: 'both' })
    assert.equal((await get(`${between.server.url}/state.json`)).status, 200)
    assert.equal((await get(`${between.server.url}/master/state`)).status, 200)
  })

  test('answers v1 calls, and complains of those it does not know as Mesos does', async () => {
    const { cluster, server } = await masterOf()
    const { status, body } = await call(server.url, 'GET_STATE')
    assert.equal(status, 200)
    assert.equal(JSON.parse(body.toString()).get_state.get_tasks.tasks.length, 11)
    for (const type of ['GET_AGENTS', 'GET_TASKS', 'GET_FRAMEWORKS', 'GET_MASTER', 'GET_VERSION']) {
      const answer = JSON.parse((await call(server.url, type)).body.toString())
      assert.deepEqual(Object.keys(answer), ['type', type.toLowerCase()])
    }
    assert.equal((await call(server.url, 'get_state')).status, 400)
    assert.equal((await call(server.url, 'GET_STATE', { Accept: 'text/html' })).status, 406)
    assert.equal((await get(`${server.url}/api/v1`)).status, 405)
    cluster.failOver({ recovery: 'slow' })
    assert.equal((await call(server.url, 'GET_STATE')).status, 503)
    assert.equal((await get(`${server.url}/state`)).status, 200)
  })

  test('lets nobody in without the right credentials, but answers health and version', async () => {
    const credentials = { principal: 'dns', secret: 's3cret' }
    const { server } = await masterOf({ credentials })
    const denied = await get(`${server.url}/state`)
    assert.equal(denied.status, 401)
    assert.equal(denied.headers['www-authenticate'], 'Basic realm="mesos-master-readonly"')
    assert.equal(denied.body.toString(), '401 Unauthorized.')
    const v1 = await call(server.url, 'GET_STATE')
    assert.equal(v1.headers['www-authenticate'], 'Basic realm="mesos-master-readwrite"')
    const basic = (text: string) => ({
      headers: { Authorization: `Basic ${Buffer.from(text).toString('base64')}` },
    })
    assert.equal((await get(`${server.url}/state`, basic('dns:wrong'))).status, 401)
    assert.equal((await get(`${server.url}/state`, basic('dns:s3cret'))).status, 200)
    assert.equal((await get(`${server.url}/health`)).status, 200)
    assert.equal((await get(`${server.url}/version`)).status, 200)
  })

  test('shows every request to whoever wants to see it', async () => {
    const seen: (string | undefined)[] = []
    const { server } = await masterOf({ onRequest: ({ url }) => seen.push(url) })
    await get(`${server.url}/version`)
    assert.deepEqual(seen, ['/version'])
  })
})

describe('several masters', () => {
  test('redirect to the leader, without a scheme', async () => {
    const { servers } = await threeMasters()
    const [leader, other] = servers
    assert.ok(leader !== undefined && other !== undefined)
    const at = `//127.0.0.1:${leader.address.port}`
    const locations = {
      '/state': `${at}/master/state`,
      '/master/state': `${at}/master/state`,
      '/slaves': `${at}/master/slaves`,
      '/redirect': at,
      '/master/redirect': at,
    }
    for (const [path, location] of Object.entries(locations)) {
      const { status, headers, body } = await get(`${other.url}${path}`)
      assert.deepEqual([status, headers.location, body.length], [307, location, 0], path)
    }
    const v1 = await call(other.url, 'GET_STATE')
    assert.deepEqual([v1.status, v1.headers.location], [307, `${at}/master/api/v1`])
    assert.equal((await get(`${leader.url}/redirect`)).headers.location, at)
    assert.equal((await get(`${other.url}/health`)).status, 200)
  })

  test('change roles at a failover, and say so when nobody leads', async () => {
    const { cluster, servers } = await threeMasters()
    const statuses = () =>
      Promise.all(servers.map(async ({ url }) => (await get(`${url}/state`)).status))
    assert.deepEqual(await statuses(), [200, 307, 307])
    cluster.failOver()
    assert.deepEqual(await statuses(), [307, 200, 307])
    cluster.loseLeader()
    assert.deepEqual(await statuses(), [503, 503, 503])
  })
})

describe('a master with faults', () => {
  test('meets each request with the next fault of the script, then is well again', async () => {
    const { server } = await masterOf()
    server.faults.once(
      { kind: 'status', status: 500, body: 'broken' },
      { kind: 'body', body: 'not JSON' },
      { kind: 'redirect', location: '//elsewhere:1/' },
    )
    const url = `${server.url}/state`
    const broken = await get(url)
    assert.deepEqual([broken.status, broken.body.toString()], [500, 'broken'])
    assert.equal((await get(url)).body.toString(), 'not JSON')
    assert.equal((await get(url)).headers.location, '//elsewhere:1/')
    assert.equal((await get(url)).status, 200)
  })

  test('keeps a standing fault until it is cleared', async () => {
    const { server } = await masterOf()
    server.faults.always({ kind: 'status', status: 503 })
    assert.equal((await get(`${server.url}/state`)).status, 503)
    assert.equal((await get(`${server.url}/state`)).status, 503)
    server.faults.clear()
    assert.equal((await get(`${server.url}/state`)).status, 200)
  })

  test('breaks off', async () => {
    const { server } = await masterOf()
    server.faults.once({ kind: 'reset' }, { kind: 'truncate' }, { kind: 'truncate', bytes: 10 })
    for (let i = 0; i < 3; i++)
      await assert.rejects(get(`${server.url}/state`), /ECONNRESET|aborted|hang up/)
  })

  test('promises other lengths than it sends, and sends octet by octet', async () => {
    const { server } = await masterOf()
    const url = `${server.url}/version`
    const right = (await get(url)).body.toString()
    server.faults.once(
      { kind: 'length', by: 5 },
      { kind: 'length', by: -5 },
      { kind: 'trickle', octets: 20, everyMs: 1 },
    )
    await assert.rejects(get(url), /aborted|ECONNRESET|hang up/)
    await assert.rejects(get(url), { code: 'HPE_CLOSED_CONNECTION' })
    assert.equal((await get(url)).body.toString(), right)
  })

  test('redirects in a circle', async () => {
    const { servers } = await threeMasters()
    const [leader, other] = servers
    assert.ok(leader !== undefined && other !== undefined)
    const location = `//127.0.0.1:${other.address.port}/master/state`
    leader.faults.always({ kind: 'redirect', location })
    const [there, back] = [await get(`${leader.url}/state`), await get(`${other.url}/state`)]
    assert.deepEqual([there.headers.location, back.status], [location, 307])
    assert.equal(back.headers.location, `//127.0.0.1:${leader.address.port}/master/state`)
  })

  test('is gone when killed, and back on the same port as another process', async () => {
    const { cluster, server } = await masterOf()
    const id = async () => JSON.parse((await get(`${server.url}/state`)).body.toString()).id
    const before = await id()
    await server.kill()
    await server.kill()
    await assert.rejects(id(), { code: 'ECONNREFUSED' })
    await server.restart()
    assert.equal(await id(), cluster.leader?.id)
    assert.notEqual(await id(), before)
  })

  test('hangs before or within its answer', async () => {
    const { server } = await masterOf()
    server.faults.once({ kind: 'hang' }, { kind: 'stall' })
    for (let i = 0; i < 2; i++) {
      const patience = { signal: AbortSignal.timeout(100) }
      await assert.rejects(get(`${server.url}/state`, patience), {
        name: /AbortError|TimeoutError/,
      })
    }
  })

  test('sends more than anybody wants, or late, or packed', async () => {
    const { server } = await masterOf()
    server.faults.once(
      { kind: 'oversize', bytes: 1_000_000 },
      { kind: 'delay', ms: 20 },
      { kind: 'body', body: Buffer.from([1, 2, 3]), encoding: 'gzip' },
    )
    const large = await get(`${server.url}/state`)
    assert.ok(large.body.length > 1_000_000)
    assert.equal(JSON.parse(large.body.toString()).slaves.length, 5)
    assert.equal((await get(`${server.url}/state`)).status, 200)
    const packed = await get(`${server.url}/state`, { headers: { 'Accept-Encoding': 'gzip' } })
    assert.deepEqual([packed.headers['content-encoding'], [...packed.body]], ['gzip', [1, 2, 3]])
  })
})

test('a server says when its port is taken', async () => {
  const { server } = await masterOf()
  await assert.rejects(masterOf({ port: server.address.port }), { code: 'EADDRINUSE' })
})
