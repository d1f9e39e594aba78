import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { SimulatedCluster, type SimulatedFramework, type TaskSpec } from '../../src/demo/index.ts'
import { blocks, read } from '../docs/markdown.ts'
import { eventually } from '../eventually.ts'
import { needs, run } from '../programs.ts'
import { ask } from './dig.ts'
import { type Haproxy, startHaproxy } from './haproxy.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'

const SERVICE = '_web._tcp.marathon.mesos'
const WEB: TaskSpec = { name: 'web', ports: 1 }
const CACHE: TaskSpec = {
  name: 'cache',
  network: 'dual-stack',
  discovery: { name: 'cache', ports: [{ number: 6379, protocol: 'tcp' }] },
}
const SLOTS = 40

/** How a backend asks, and how dig gets the same answer. */
const BACKENDS = [
  { name: 'small', payload: 512, prefix: '', dig: '+bufsize=512 +ignore' },
  { name: 'large', payload: 8192, prefix: '', dig: '+bufsize=8192 +ignore' },
  { name: 'tcp', payload: 8192, prefix: 'tcp@', dig: '+tcp' },
] as const

/** The configuration that the documentation shows. */
const DOCUMENTED =
  blocks(read('docs/haproxy.md')).find(({ language }) => language === 'haproxy')?.text ?? ''
/** What it sets on its servers, and how long it keeps them without good answers. */
const SERVER_OPTIONS = /resolvers mesos (resolve-prefer .*)$/m.exec(DOCUMENTED)?.[1] ?? ''
const HOLDS = DOCUMENTED.match(/^ +hold (?:nx|refused|timeout|other) .*\n/gm) ?? []

describe('HAProxy follows the tasks of an app', needs('haproxy', 'dig'), () => {
  let cluster: SimulatedCluster
  let marathon: SimulatedFramework
  let served: ServedCluster
  let haproxy: Haproxy
  /** The tasks' own servers, by `address:port`. */
  const tasks = new Map<string, Server>()

  before(async () => {
    cluster = new SimulatedCluster()
    // Every task has a place to listen of its own, and other runs of this test have other ones.
    const network = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`
    for (let n = 1; n <= 5; n++) cluster.addAgent({ host: `${network}.${n}`, port: 5051 })
    marathon = cluster.addFramework({ name: 'marathon', pid: { host: '10.0.250.1', port: 25501 } })
    cluster.scale(marathon, CACHE, 2)
    for (const task of cluster.tasksOf(marathon, CACHE)) {
      cluster.setAddresses(
        task,
        task.addresses?.filter((address) => address.includes(':')),
      )
    }
    cluster.scale(marathon, WEB, 3)
    await listenForTasks()
    served = await serveCluster(cluster)
    haproxy = await startHaproxy((socketOf) => configuration(served.port, socketOf))
  })
  after(async () => {
    await haproxy?.stop()
    await served?.stop()
    for (const server of tasks.values()) server.close()
  })

  function running(): string[] {
    return cluster
      .tasksOf(marathon, WEB)
      .flatMap(({ agent, ports }) => ports.map((port) => `${agent.address.host}:${port}`))
      .sort()
  }

  async function listenForTasks(): Promise<void> {
    for (const place of running().filter((each) => !tasks.has(each))) {
      const [host = '', port] = place.split(':')
      const server = createServer((_request, response) => response.end(place))
      tasks.set(place, server)
      server.listen(Number(port), host)
      await once(server, 'listening')
    }
  }

  /** The servers in use, `slot=address:port`. */
  async function slots(backend: string): Promise<string[]> {
    const servers = await haproxy.servers(backend)
    return servers
      .filter(({ isUp }) => isUp)
      .map(({ slot, address, port }) => `${slot}=${address}:${port}`)
  }

  async function serversUp(backend: string): Promise<string[]> {
    return (await slots(backend)).map((slot) => slot.replace(/^.*=/, '')).sort()
  }

  /** What we answer to a backend's question: the servers that follow from it, and how. */
  async function answered(flags: string) {
    const { replies } = await ask('dig', served, `${SERVICE} SRV ${flags}`)
    const [reply] = replies
    assert.ok(reply)
    const records = await served.records()
    const servers = reply.answer.map((line) => {
      const [port, target = ''] = line.split(' ').slice(-2)
      return `${records.get('A', target)?.rdata[0]}:${port}`
    })
    return {
      servers: servers.sort(),
      isTruncated: / tc /.test(reply.flags),
      /** Servers whose address HAProxy has to ask for each time. */
      withoutGlue: reply.answer.length - reply.additional.length,
    }
  }

  /** Scales the app and watches until all backends use what we answer; nothing else may be seen meanwhile. */
  async function scaleTo(instances: number): Promise<void> {
    const earlier = await Promise.all(BACKENDS.map(({ name }) => serversUp(name)))
    cluster.scale(marathon, WEB, instances)
    await listenForTasks()
    await served.refresh()
    for (const [i, { name, dig }] of BACKENDS.entries()) {
      const { servers } = await answered(dig)
      const before = earlier[i] ?? []
      const kept = before.filter((server) => servers.includes(server))
      await eventually(`${name} uses ${instances} tasks`, async () => {
        const now = await serversUp(name)
        const lost = kept.filter((server) => !now.includes(server))
        assert.deepEqual(lost, [], `${name} dropped servers whose records were always there`)
        const strange = now.filter(
          (server) => !servers.includes(server) && !before.includes(server),
        )
        assert.deepEqual(strange, [], `${name} uses servers that nobody told it of`)
        return now.join() === servers.join()
      })
    }
  }

  /** Watches while each backend gets ten more rounds of answers: not even a slot may change. */
  async function assertSteady(): Promise<void> {
    await Promise.all(
      BACKENDS.map(async ({ name, dig }) => {
        const valid = async () => (await haproxy.resolverCounters(name)).get('valid') ?? 0
        const { withoutGlue } = await answered(dig)
        const first = await slots(name)
        const end = (await valid()) + 10 * (1 + withoutGlue)
        await eventually(`${name} has asked ten times`, async () => {
          assert.deepEqual(await slots(name), first, name)
          return (await valid()) >= end
        })
      }),
    )
  }

  /** Sends requests through a backend and returns the tasks that answered them. */
  async function reached(backend: string, requests: number): Promise<string[]> {
    const places = new Set<string>()
    for (let i = 0; i < requests; i++) {
      const sent = request({ socketPath: haproxy.socketOf(backend), path: '/', agent: false }).end()
      const [response] = await once(sent, 'response')
      assert.equal(response.statusCode, 200)
      places.add(await text(response))
    }
    return [...places].sort()
  }

  for (const instances of [3, 10, 1]) {
    test(`${instances} tasks`, async () => {
      await scaleTo(instances)
      const { servers, isTruncated } = await answered('+bufsize=8192 +ignore')
      assert.deepEqual([servers, isTruncated], [running(), false])
      for (const { name } of BACKENDS) {
        const up = await serversUp(name)
        assert.deepEqual(await reached(name, 3 * up.length), up)
      }
      await assertSteady()
    })
  }

  test(`${SLOTS} tasks: truncated answers, shuffled, never change what is in use`, async () => {
    await scaleTo(SLOTS)
    const [small, large, tcp] = await Promise.all(BACKENDS.map(({ dig }) => answered(dig)))
    assert.ok(small && large && tcp)
    assert.deepEqual([small.isTruncated, large.isTruncated, tcp.isTruncated], [true, true, false])
    assert.ok(small.servers.length >= 5 && large.servers.length >= 15)
    assert.deepEqual(tcp.servers, running())
    await assertSteady()
  })

  test('back to 3 tasks', async () => {
    await scaleTo(3)
    for (const { name } of BACKENDS) assert.deepEqual(await serversUp(name), running())
  })

  test('a moved task is replaced, the others stay in their slots', async () => {
    const [task] = cluster.tasksOf(marathon, WEB)
    assert.ok(task)
    const place = `=${task.agent.address.host}:${task.ports[0]}`
    const before = await slots('tcp')
    cluster.move(task)
    await scaleTo(3)
    const kept = before.filter((slot) => !slot.endsWith(place))
    assert.equal(kept.length, 2)
    const now = await slots('tcp')
    assert.deepEqual(
      kept.filter((slot) => !now.includes(slot)),
      [],
    )
  })

  test('IPv6 addresses of containers', async () => {
    const expected = cluster
      .tasksOf(marathon, CACHE)
      .map(({ addresses = [] }) => `${addresses[0]}:6379`)
    assert.deepEqual(await serversUp('cache'), expected.sort())
  })

  test('no answer of all these was wrong', async () => {
    for (const { name } of BACKENDS) {
      const counters = await haproxy.resolverCounters(name)
      // Not NXDOMAIN: a task may end between two questions about it. Nor timeouts: machines are slow.
      const wrong = ['any_err', 'refused', 'other', 'invalid', 'too_big']
      assert.deepEqual(
        wrong.map((counter) => counters.get(counter)),
        wrong.map(() => 0),
        name,
      )
    }
  })

  test('a restart of mesos-ns takes no server out', async () => {
    const servers = running()
    const counted = async (name: string, counter: string, times: number) => {
      const count = async () => (await haproxy.resolverCounters(name)).get(counter) ?? 0
      const end = (await count()) + times
      await eventually(`${name} has counted ${counter} ${times} times`, async () => {
        assert.deepEqual(await serversUp(name), servers, name)
        return (await count()) >= end
      })
    }
    const { port } = served
    await served.stop()
    for (const { name } of BACKENDS) await counted(name, 'sent', 5)
    served = await serveCluster(cluster, { settings: { port }, withoutState: true })
    // That is SERVFAIL.
    for (const { name } of BACKENDS) await counted(name, 'other', 3)
    served.master.faults.clear()
    await served.refresh()
    for (const { name } of BACKENDS) await counted(name, 'valid', 5)
    await scaleTo(4)
  })

  test('all of it without a reload', async () => {
    const [, pid] = /^Pid: (\d+)$/m.exec(await haproxy.command('show info')) ?? []
    assert.equal(Number(pid), haproxy.pid)
  })
})

test('the configuration of docs/haproxy.md is valid', needs('haproxy'), async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mesos-ns-haproxy-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'haproxy.cfg')
  writeFileSync(path, DOCUMENTED)
  const { status, stdout, stderr } = await run('haproxy', ['-c', '-f', path])
  assert.equal(status, 0, stderr)
  assert.doesNotMatch(stdout + stderr, /WARNING|ALERT/)
})

function configuration(dnsPort: number, socketOf: Haproxy['socketOf']): string {
  const sections = BACKENDS.map(
    ({ name, payload, prefix }) => `
resolvers ${name}
    nameserver ns1 ${prefix}127.0.0.1:${dnsPort}
    accepted_payload_size ${payload}
    timeout resolve 100ms
    timeout retry 100ms
    hold valid 100ms
${HOLDS.join('')}
frontend ${name}
    bind unix@${socketOf(name)}
    default_backend ${name}

backend ${name}
    balance roundrobin
    server-template web ${SLOTS} ${SERVICE} resolvers ${name} ${SERVER_OPTIONS}
`,
  )
  return `
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
${sections.join('')}
backend cache
    server-template cache 5 _cache._tcp.marathon.mesos resolvers large resolve-prefer ipv6 init-addr none
`
}
