// The whole server in its threads, against a simulated cluster.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ResolverClient } from '../interop/resolver-client.ts'
import { needsKoffi } from '../koffi.ts'
import { sorted } from '../presentation.ts'
import { messages, nothingLeft, run } from './running.ts'
import { UdpClient } from './udp-client.ts'

const WEB = [1, 2, 3].map((n) => `web.marathon.mesos. 60 A 10.0.0.${n}`)

for (const workers of [1, 3]) {
  for (const udp of ['batch', 'dgram'] as const) {
    // Without koffi Node.js 20 has one query thread, and no batches.
    const needed = workers > 1 || udp === 'batch' ? needsKoffi() : {}
    describe(`with ${workers} query threads and ${udp}`, needed, () => {
      test('answers over UDP, TCP and HTTP what the cluster has', async (t) => {
        // Without events: how many zones there are is then known.
        const all = await run(t, { workers, udp, updates: 'poll' })
        const { server, dnsPort, httpUrl, cluster, services, lines } = all
        const clients = Array.from({ length: 4 * workers }, () => new UdpClient(dnsPort))
        for (const client of clients) {
          assert.deepEqual(sorted((await client.ask('web.marathon.mesos', 'A')).answers), WEB)
        }
        for (let i = 0; i < 2 * workers; i++) {
          const tcp = new ResolverClient(dnsPort)
          assert.deepEqual(sorted((await tcp.ask('web.marathon.mesos', 'A')).answers), WEB)
          tcp.close()
        }
        const [web] = services
        assert.ok(web)
        cluster.scale(web.framework, web.spec, 5)
        await server.refresh()
        for (const client of clients) {
          const { answers = [] } = await client.ask('_web._tcp.marathon.mesos', 'SRV')
          assert.equal(answers.length, 5)
        }

        const hosts = await fetch(`${httpUrl}/v1/hosts/leader.mesos`)
        assert.deepEqual(await hosts.json(), [{ host: 'leader.mesos.', ip: '127.0.0.1' }])
        const axfr = (await (await fetch(`${httpUrl}/v1/axfr`)).json()) as {
          Records: { SRVs: Record<string, string[]> }
        }
        assert.equal(axfr.Records.SRVs['_web._tcp.marathon.mesos.']?.length, 5)

        const { total, threads } = server.counters()
        assert.equal(threads.length, workers)
        assert.deepEqual(
          [total.byTransport.udp4, total.byTransport.tcp4],
          [8 * workers, 2 * workers],
        )
        assert.deepEqual(
          messages(lines).filter((message) => message === 'zone published').length,
          2,
        )

        for (const client of clients) client.close()
        await server.stop()
        await nothingLeft(all.workers, all.socketsBefore)
      })
    })
  }
}

test('an unchanged state changes neither zone nor serial', async (t) => {
  const { server, dnsPort, lines } = await run(t)
  const client = new UdpClient(dnsPort)
  t.after(() => client.close())
  const soa = async () => sorted((await client.ask('mesos', 'SOA')).answers)
  const before = await soa()
  await server.refresh()
  assert.deepEqual(await soa(), before)
  assert.equal(messages(lines).filter((message) => message === 'zone published').length, 1)
})

test('without DNS there are no query threads, and counters of nothing', async (t) => {
  const { server, httpUrl, workers } = await run(t, { dnsOn: false })
  assert.equal(server.addresses.dns, undefined)
  assert.equal(workers.length, 1)
  assert.equal((await fetch(`${httpUrl}/v1/hosts/web.marathon.mesos`)).status, 200)
  assert.deepEqual(server.counters().threads, [])
})

test('what threads log is written by the control thread, errors and all', async (t) => {
  const { server, masters, lines } = await run(t)
  for (const master of masters) master.faults.always({ kind: 'status', status: 503 })
  await server.refresh()
  const failed = lines.find(({ fields }) => JSON.stringify(fields).includes('MESOS_NS_STATE_FETCH'))
  assert.ok(failed, JSON.stringify(lines))
  assert.notEqual(failed.level, 'info')
})

test('stopping twice, and at once after the start, is fine', async (t) => {
  const { server } = await run(t, { workers: 2 })
  const first = server.stop()
  await Promise.all([first, server.stop()])
  await server.stop()
})
