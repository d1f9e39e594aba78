// POST /v1/reload, and what is told of reloads, through the whole server.
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { startServer } from '../../src/app.ts'
import { configSource } from '../../src/config/index.ts'
import { silentLogger } from '../../src/log.ts'
import type { Notifier } from '../../src/systemd/index.ts'
import { startLeader } from '../mesos/fake-master.ts'
import { freePort } from '../programs.ts'
import { getOnce, postOnce, type Reloadable, startReloadable } from './reloadable.ts'

async function served(t: TestContext, settings: object = {}): Promise<Reloadable> {
  const master = await startLeader(t)
  const all = await startReloadable(t, { masters: [master.name], ...settings })
  await all.server.ready
  return all
}

async function reload(all: Reloadable, settings: object, headers = {}) {
  all.configure({ ...settings })
  const { status, body } = await postOnce(`${all.httpUrl()}/v1/reload`, headers)
  return { status, body, json: JSON.parse(body) }
}

const lastReload = async (all: Reloadable) =>
  JSON.parse((await getOnce(`${all.httpUrl()}/v2/status`)).body).config.lastReload

describe('POST /v1/reload', () => {
  test('says what is in effect', async (t) => {
    const all = await served(t)
    const { status, json } = await reload(all, { ttl: 7 })
    assert.equal(status, 200)
    assert.deepEqual(json, { status: 'applied', changed: ['ttl'], needsRestart: [], warnings: [] })
    const { trigger, changed } = await lastReload(all)
    assert.deepEqual([trigger, changed], ['http', ['ttl']])
    assert.equal((await reload(all, { ttl: 7 })).json.status, 'unchanged')
  })

  test('of a bad file says where it is wrong', async (t) => {
    const all = await served(t)
    const { status, json } = await reload(all, { ttl: 'x', maxAnswers: 'y' })
    assert.equal(status, 422)
    assert.deepEqual(
      json.errors.map(({ path }: { path: string }) => path),
      ['ttl', 'maxAnswers'],
    )
    assert.match(json.errors[0].where, /config\.json:1:\d+$/)
    assert.equal((await getOnce(`${all.httpUrl()}/ready`)).status, 200)
    assert.equal((await reload(all, {})).json.status, 'unchanged')
  })

  test('that moves HTTP is answered where it was asked', async (t) => {
    const all = await served(t)
    const before = all.httpUrl()
    const httpPort = await freePort()
    const { status, json } = await reload(all, { httpPort, ttl: 7 })
    assert.deepEqual([status, json.changed], [200, ['ttl', 'httpport']])
    assert.equal(all.httpUrl(), `http://127.0.0.1:${httpPort}`)
    assert.equal((await getOnce(`${all.httpUrl()}/ready`)).status, 200)
    await assert.rejects(getOnce(`${before}/ready`), { code: 'ECONNREFUSED' })
  })

  test('that switches HTTP off is the last that is answered', async (t) => {
    const all = await served(t)
    const before = all.httpUrl()
    const { status, json } = await reload(all, { httpOn: false })
    assert.deepEqual([status, json.changed], [200, ['httpon']])
    await assert.rejects(getOnce(`${before}/ready`), { code: 'ECONNREFUSED' })
  })

  test('by whoever may not changes nothing', async (t) => {
    const all = await served(t)
    for (const headers of [
      { host: 'rebound.example.com' },
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-forwarded-proto': 'https' },
      { origin: 'http://127.0.0.1' },
    ]) {
      assert.equal((await reload(all, { ttl: 7 }, headers)).status, 403)
    }
    assert.equal(all.server.status().reloads.last, undefined)
  })

  test('during the start waits for its end', async (t) => {
    const { file } = await startReloadable(t)
    const source = configSource({ path: file, env: {} })
    const loaded = source.load()
    const httpPort = await freePort()
    const config = { ...loaded.config, httpPort }
    const told: string[] = []
    const notifier: Notifier = {
      watchdogMs: undefined,
      ready: () => void told.push('ready'),
      reloading: () => void told.push('reloading'),
      stopping: () => void told.push('stopping'),
      status: () => {},
      watchdog: () => {},
      close: () => {},
    }
    // Other query threads are to take over from those that are being started.
    const next = { ...source, load: () => ({ ...loaded, config: { ...config, workers: 2 } }) }
    const starting = startServer({
      config,
      log: silentLogger,
      version: '',
      source: next,
      notifier,
    })
    t.after(async () => (await starting).stop())
    const asking = askUntilThere(`http://127.0.0.1:${httpPort}/v1/reload`)
    const server = await starting
    const { status, body } = await asking
    assert.deepEqual([status, JSON.parse(body).status], [200, 'applied'])
    assert.deepEqual(told, ['ready', 'reloading', 'ready'])
    await server.stop()
  })
})

/** Posts again until somebody listens. */
async function askUntilThere(url: string): ReturnType<typeof postOnce> {
  for (;;) {
    try {
      return await postOnce(url)
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const SECRETS = ['zk-hidden', 'basic-hidden', 'feedfacefeedfacefeedfacefeedfacefeed']
const [zk, basic, cookie] = SECRETS

describe('nothing that is told shows secrets', () => {
  for (const [what, settings] of [
    ['good', { mesosAuthentication: 'basic' }],
    ['invalid elsewhere', { mesosAuthentication: 'basic', ttl: 'x' }],
    ['an invalid secret', { cookieSecret: `${cookie}` }],
    ['a secret of the wrong kind', { mesosCredentials: `${basic}` }],
    ['a URL with a fault', { zk: `zk://user:${zk}@127.0.0.1:1:2/mesos` }],
    ['a URL without a path', { zk: `zk://user:${zk}@127.0.0.1:1` }],
  ] as const) {
    test(`settings: ${what}`, async (t) => {
      const all = await served(t)
      const { body } = await reload(all, {
        zk: `zk://user:${zk}@127.0.0.1:1/mesos`,
        mesosCredentials: { principal: 'p', secret: basic },
        cookieSecret: 'feedfacefeedfacefeedfacefeedface',
        ...settings,
      })
      await shows(all, body)
    })
  }

  test('text that is no JSON', async (t) => {
    const all = await served(t)
    for (const tail of ['', '"', '" "', '", ', '"}}', '": {']) {
      all.write('config.json', `{"cookieSecret": "${cookie}", "x": {"secret": "${basic}${tail}`)
      await shows(all, (await postOnce(`${all.httpUrl()}/v1/reload`)).body)
    }
  })
})

async function shows(all: Reloadable, body: string): Promise<void> {
  const paths = ['/v1/config', '/v2/status', '/ready', '/metrics']
  const told = await Promise.all(paths.map((path) => getOnce(`${all.httpUrl()}${path}`)))
  const text = [body, ...told.map(({ body }) => body), JSON.stringify(all.lines)].join('\n')
  for (const secret of [...SECRETS, 'feedface']) {
    assert.ok(!text.includes(secret), text.slice(Math.max(0, text.indexOf(secret) - 300)))
  }
}
