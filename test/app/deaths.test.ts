// What clients notice when threads die: nothing but a moment.
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { ResolverClient } from '../interop/resolver-client.ts'
import { needsKoffi } from '../koffi.ts'
import { sorted } from '../presentation.ts'
import { messages, nothingLeft, type Running, run, type Settings } from './running.ts'
import { UdpClient } from './udp-client.ts'

const WEB = [1, 2, 3].map((n) => `web.marathon.mesos. 60 A 10.0.0.${n}`)
const CLIENTS = 24

/** Clients that ask on and on; each reply must be right. */
function traffic(t: TestContext, port: number) {
  const clients = Array.from({ length: CLIENTS }, () => new UdpClient(port))
  const wrong: unknown[] = []
  for (const client of clients) {
    void client.askOn('web.marathon.mesos', 'A', ({ answers }) => {
      const lines = sorted(answers)
      if (lines.join() !== WEB.join()) wrong.push(lines)
    })
  }
  t.after(() => {
    for (const client of clients) client.close()
  })
  const counts = () => clients.map(({ replies }) => replies)
  return {
    wrong,
    total: () => counts().reduce((sum, count) => sum + count, 0),
    /** Resolves when every client has had so many more replies. */
    flows: (more: number) => {
      const before = counts()
      return eventually('every client is answered', () =>
        counts().every((count, i) => count >= (before[i] ?? 0) + more),
      )
    },
  }
}

async function soaOf(client: UdpClient): Promise<string[]> {
  return sorted((await client.ask('mesos', 'SOA')).answers)
}

async function running(
  t: TestContext,
  settings: Settings,
): Promise<Running & { client: UdpClient }> {
  const all = await run(t, settings)
  const client = new UdpClient(all.dnsPort)
  t.after(() => client.close())
  return { ...all, client }
}

// Without koffi the thread's sockets die with it.
describe('a query thread that dies', needsKoffi(), () => {
  for (const udp of ['batch', 'dgram'] as const) {
    test(`is replaced while the others answer, and no client is left waiting (${udp})`, async (t) => {
      const { server, dnsPort, workers, lines } = await run(t, { workers: 3, udp })
      const { wrong, total, flows } = traffic(t, dnsPort)
      await flows(5)
      for (let death = 1; death <= 3; death++) {
        const before = server.counters()
        let answered = 0
        workers[death]?.once('exit', () => {
          answered = total()
        })
        await workers[death]?.terminate()
        await eventually(
          'the thread is replaced',
          () => messages(lines).filter((message) => message === 'thread replaced').length === death,
        )
        assert.ok(total() > answered, 'the others answered meanwhile')
        await flows(5)
        const after = server.counters()
        assert.ok(
          after.threads.every(
            ({ answers }, i) => answers >= (before.threads[i]?.answers ?? Number.NaN),
          ),
          'counters go on where they were',
        )
      }
      assert.deepEqual(wrong, [])
      assert.deepEqual(server.restarts(), { state: 0, query: 3 })
    })
  }

  test('alone costs no query that the system has kept, and has the newest zone again', async (t) => {
    const { server, cluster, services, workers, client } = await running(t, { workers: 1 })
    const [web] = services
    assert.ok(web)
    cluster.scale(web.framework, web.spec, 6)
    await server.refresh()
    await workers[1]?.terminate()
    const { answers = [] } = await client.ask('_web._tcp.marathon.mesos', 'SRV')
    assert.equal(answers.length, 6)
    cluster.scale(web.framework, web.spec, 2)
    await server.refresh()
    await eventually('the replacement follows the zone', async () => {
      const reply = await client.ask('_web._tcp.marathon.mesos', 'SRV')
      return reply.answers?.length === 2
    })
    assert.deepEqual(server.restarts(), { state: 0, query: 1 })
  })
})

describe('a state thread that dies', () => {
  test('leaves the zone as it is; its replacement takes over, and the serial stays', async (t) => {
    const { server, cluster, services, workers, client, lines } = await running(t, { workers: 2 })
    const before = await soaOf(client)
    await workers[0]?.terminate()
    assert.deepEqual(await soaOf(client), before)
    assert.deepEqual(sorted((await client.ask('web.marathon.mesos', 'A')).answers), WEB)
    await eventually('it is replaced', () => messages(lines).includes('thread replaced'))
    await server.refresh()
    assert.deepEqual(await soaOf(client), before)
    assert.equal(messages(lines).filter((message) => message === 'zone published').length, 1)

    const [web] = services
    assert.ok(web)
    cluster.scale(web.framework, web.spec, 7)
    await server.refresh()
    await eventually('later changes arrive', async () => {
      const { answers } = await client.ask('_web._tcp.marathon.mesos', 'SRV')
      return answers?.length === 7
    })
    assert.notDeepEqual(await soaOf(client), before)
  })

  test('many times over, under traffic and changes, never gives a wrong answer', async (t) => {
    const { server, dnsPort, cluster, services, workers } = await run(t, { workers: 2 })
    const { wrong, flows } = traffic(t, dnsPort)
    const [, api] = services
    assert.ok(api)
    for (let death = 1; death <= 3; death++) {
      const state = workers[death === 1 ? 0 : workers.length - 1]
      await state?.terminate()
      cluster.scale(api.framework, api.spec, 2 + death)
      await eventually('it is replaced', () => server.restarts().state === death)
      await eventually('the change is served', async () => {
        await server.refresh()
        // Too many for UDP: two ports each.
        const client = new ResolverClient(dnsPort)
        const { answers } = await client.ask('_api-shop._tcp.marathon.mesos', 'SRV')
        client.close()
        return answers?.length === 2 * (2 + death)
      })
      await flows(3)
    }
    assert.deepEqual(wrong, [])
  })

  test('in the middle of a failover forgets nothing, and what comes back is served', async (t) => {
    const { server, cluster, services, workers, client } = await running(t, { updates: 'poll' })
    cluster.failOver({ recovery: 'slow' })
    await server.refresh()
    const before = await soaOf(client)
    await workers[0]?.terminate()
    await eventually('it is replaced', () => server.restarts().state === 1)
    await server.refresh()
    assert.deepEqual(sorted((await client.ask('web.marathon.mesos', 'A')).answers), WEB)
    assert.deepEqual(await soaOf(client), before)
    cluster.recoverRegistry()
    const [first, ...others] = [...cluster.agents]
    if (first !== undefined) cluster.returnAgent(first)
    await server.refresh()
    assert.deepEqual(sorted((await client.ask('web.marathon.mesos', 'A')).answers), WEB)
    for (const agent of others) cluster.returnAgent(agent)
    for (const framework of cluster.frameworks) cluster.subscribe(framework)
    const [web] = services
    assert.ok(web)
    cluster.scale(web.framework, web.spec, 5)
    await server.refresh()
    const { answers } = await client.ask('_web._tcp.marathon.mesos', 'SRV')
    assert.equal(answers?.length, 5)
  })

  test('again and again is replaced more slowly, while queries are answered', async (t) => {
    const { client, workers, lines } = await running(t, { workers: 1 })
    const kill = (worker: (typeof workers)[number]) => void worker.terminate()
    process.on('worker', kill)
    await workers[0]?.terminate()
    const deaths = () => lines.filter(({ message }) => message === 'thread ended')
    await eventually('replacements die, too', () => deaths().length >= 4)
    process.off('worker', kill)
    assert.deepEqual(
      deaths()
        .slice(0, 4)
        .map(({ fields }) => [fields['thread'], fields['delayMs']]),
      [
        ['state', 0],
        ['state', 100],
        ['state', 200],
        ['state', 400],
      ],
    )
    assert.deepEqual(sorted((await client.ask('web.marathon.mesos', 'A')).answers), WEB)
    await eventually('the one that is let live takes over', () =>
      messages(lines).includes('thread replaced'),
    )
  })

  test('fails the listings that were asked of it, not those that come later', async (t) => {
    const { httpUrl, workers, lines } = await run(t)
    await workers[0]?.terminate()
    const during = await fetch(`${httpUrl}/v1/enumerate`)
    assert.ok([500, 503].includes(during.status), String(during.status))
    await during.text()
    assert.equal((await fetch(`${httpUrl}/v1/hosts/web.marathon.mesos`)).status, 200)
    await eventually('it is replaced', () => messages(lines).includes('thread replaced'))
    await eventually('listings are there again', async () => {
      const response = await fetch(`${httpUrl}/v1/enumerate`)
      await response.text()
      return response.status === 200
    })
  })
})

describe('a server that is stopped while threads are being replaced', () => {
  for (const victim of [0, 1, 2]) {
    test(`leaves nothing behind (thread ${victim})`, async (t) => {
      const { server, workers, socketsBefore } = await run(t, { workers: 2 })
      const dying = workers[victim]?.terminate()
      await server.stop()
      await dying
      const count = workers.length
      await nothingLeft(workers, socketsBefore)
      assert.equal(workers.length, count)
    })
  }
})
