// Every key of the configuration: another value is reloaded, and what that does is seen from outside.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { takes } from '../../src/config/reload/applying.ts'
import { type Field, settings as SETTINGS, settingEntries } from '../../src/config/schema.ts'
import { FRESHNESS } from '../../src/freshness.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { loadSockets } from '../../src/sockets/index.ts'
import { type Certificates, makeCertificates, readPair } from '../certificates.ts'
import { opt } from '../dns/opt.ts'
import type { Question } from '../dns/question.ts'
import { eventually } from '../eventually.ts'
import { udpUpstream } from '../forward/hostile-upstream.ts'
import { needsKoffi } from '../koffi.ts'
import {
  type FakeMaster,
  sendJson,
  startLeader,
  startMaster,
  stateOf,
} from '../mesos/fake-master.ts'
import { decode, presentation, sorted } from '../presentation.ts'
import { askUdp, getOnce, type Reloadable, startReloadable } from './reloadable.ts'
import type { Settings } from './running.ts'

/** Settings before and after, and what tells them apart; `seen` gives `was` before and `is` after. */
interface Case {
  readonly from?: Settings
  readonly to: Settings
  readonly seen: (all: Reloadable) => Promise<unknown>
  readonly was: unknown
  readonly is: unknown
}

/** A case that is no more than that, or a test of its own. */
type Check = Case | ((t: TestContext) => Promise<void>)

const DB = { name: 'db', type: 'A', address: '10.0.0.1' }
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: 'many', type: 'A', address: `10.1.0.${i + 1}` }))

const ask = (all: Reloadable, question: Question) => askUdp(all.dnsPort(), question)
const lines = async (all: Reloadable, name: string, type: keyof typeof TYPE = 'A') =>
  sorted(decode(await ask(all, { name, type: TYPE[type] })).answers)
const rcode = async (all: Reloadable, question: Question) =>
  ((await ask(all, question))[3] ?? 0) & 15
const soa = async (all: Reloadable) => (await lines(all, 'mesos', 'SOA'))[0]?.split(' ').slice(3)
const soaField = (i: number) => async (all: Reloadable) => (await soa(all))?.[i]
const edns = async (all: Reloadable, code?: number, octets: Uint8Array = new Uint8Array()) => {
  const options = code === undefined ? [] : [{ code, octets }]
  return opt(await ask(all, { name: 'db.mesos', type: TYPE.A, edns: { options } }))
}
const COOKIE = 10
const NSID = 3
const client = Uint8Array.from({ length: 8 }, (_, i) => i)

/** The server cookie of the first of two servers, shown to the second. */
async function cookieKept(
  t: TestContext,
  one: (write: Reloadable['write']) => Settings,
  other: typeof one,
) {
  const all = await served(t, { cookies: true })
  await all.reload(one(all.write))
  const cookie = (await edns(all, COOKIE, client)).options.find(({ code }) => code === COOKIE)
  assert.ok(cookie)
  // One that is good and new comes back as it is.
  const isGood = async () => {
    const { options } = await edns(all, COOKIE, cookie.octets)
    return options.some(({ octets }) => Buffer.compare(octets, cookie.octets) === 0)
  }
  assert.equal(await isGood(), true)
  await all.reload({ ...one(all.write), ttl: 9 })
  assert.equal(await isGood(), true)
  await all.reload(other(all.write))
  assert.equal(await isGood(), false)
}

const AGENT = { id: 'S0', pid: 'slave(1)@10.0.0.9:5051', hostname: '10.0.0.9' }
const task = (id: string, more: object = {}) => ({
  id,
  name: '1web',
  slave_id: 'S0',
  state: 'TASK_RUNNING',
  resources: { ports: '[31000-31000]' },
  statuses: [
    {
      state: 'TASK_RUNNING',
      timestamp: 1,
      healthy: false,
      container_status: { network_infos: [{ ip_addresses: [{ ip_address: '10.9.0.1' }] }] },
    },
  ],
  health_check: {},
  ...more,
})
const framework = (tasks: readonly object[]) => ({
  id: 'F',
  name: 'marathon',
  pid: 'scheduler-1@10.0.0.8:1000',
  hostname: '10.0.0.8',
  active: true,
  tasks,
  completed_tasks: [],
})
const CLUSTER = { id: 'M1', slaves: [AGENT], frameworks: [framework([task('t')])] }

async function served(t: TestContext, settings: Settings = {}, cluster: object = CLUSTER) {
  const master = await startLeader(t, (address) => stateOf(address, cluster))
  const all = await startReloadable(t, {
    masters: [master.name],
    staticRecords: [DB],
    ordering: 'fixed',
    ...settings,
  })
  await all.server.ready
  return { ...all, master }
}

/** Each with its own server: the settings before and after, and what the masters see of them. */
async function source(
  t: TestContext,
  from: (master: FakeMaster) => Settings,
  to: (master: FakeMaster) => Settings,
  seen: (master: FakeMaster, all: Reloadable) => boolean,
  master?: FakeMaster,
): Promise<void> {
  const asked = master ?? (await startLeader(t))
  const all = await startReloadable(t, from(asked))
  await all.server.refresh()
  assert.equal(seen(asked, all), false)
  const { status } = await all.reload({ ...from(asked), ...to(asked) })
  assert.equal(status, 'applied')
  await eventually('the source is the other one', () => seen(asked, all))
}

/** A server that tells what the first octet is that anybody sends it. */
async function listener(
  t: TestContext,
): Promise<{ name: string; first: () => number | undefined }> {
  let first: number | undefined
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      first = data[0]
      socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { name: `127.0.0.1:${(server.address() as { port: number }).port}`, first: () => first }
}

const TLS_HANDSHAKE = 0x16
let certificates: Certificates
before(() => {
  certificates = makeCertificates()
})
after(() => certificates.remove())

/** A master that speaks TLS, and what it sees of clients: whether they trust it, and who they are. */
async function tlsMaster(t: TestContext): Promise<FakeMaster> {
  const { ca, server } = certificates
  const tls = {
    ...readPair(server),
    ca: readPair(ca).cert,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const master = await startLeader(t, stateOf, tls)
  const { handler } = master
  master.handler = (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    request.headers['x-subject'] = String(subject?.CN)
    handler(request, response)
  }
  return master
}
const withClient = () => ({ CertFile: certificates.client.cert, KeyFile: certificates.client.key })
const showsCertificate = (master: FakeMaster) =>
  master.seen.some(({ headers }) => headers['x-subject'] === 'client')

/** A state that shrinks from ten tasks to one. */
async function shrinking(t: TestContext, from: Settings, to: Settings, becomes: Settings = {}) {
  let tasks = 10
  const master = await startLeader(t, (address) =>
    stateOf(address, {
      ...CLUSTER,
      frameworks: [framework(Array.from({ length: tasks }, (_, i) => task(`t${i}`)))],
    }),
  )
  const all = await startReloadable(t, { masters: [master.name], ...from })
  await all.server.ready
  const records = async () => (await lines(all, '1web.marathon.mesos')).length
  const srv = async () =>
    JSON.parse((await getOnce(`${all.httpUrl()}/v1/enumerate`)).body) as {
      frameworks: { tasks: unknown[] }[]
    }
  const count = async () => (await srv()).frameworks[0]?.tasks.length ?? 0
  await records()
  assert.equal(await count(), 10)
  tasks = 1
  await all.server.refresh()
  assert.equal(await count(), 10)
  const result = await all.reload({ ...to, ...becomes })
  assert.equal(result.status, 'applied')
  await all.server.refresh()
  await all.server.refresh()
  await eventually('the loss is believed', async () => (await count()) === 1)
}

/** A new leader that does not know an agent yet: its records are kept, until that is no longer wanted. */
async function failover(t: TestContext, after: object, from: Settings, to: Settings) {
  let cluster: object = CLUSTER
  const master = await startLeader(t, (address) => stateOf(address, cluster))
  const all = await startReloadable(t, { masters: [master.name], ...from })
  await all.server.ready
  cluster = after
  await all.server.refresh()
  await all.server.refresh()
  assert.equal((await lines(all, '1web.marathon.mesos')).length, 1)
  await all.reload(to)
  await eventually('what was kept is given up', async () => {
    await all.server.refresh()
    return (await lines(all, '1web.marathon.mesos')).length === 0
  })
}

/** A question of a name that is not ours. */
const FOREIGN = { name: 'www.example', type: TYPE.A }
const refused = (reply: (message: Buffer) => void, query: Buffer) => {
  const message = Buffer.from(query)
  message[2] = 0x80
  message[3] = RCODE.NXDOMAIN
  reply(message)
}

async function upstreams(
  t: TestContext,
  settings: (one: string, two: string) => readonly [Settings, Settings],
): Promise<void> {
  const [one, two] = await Promise.all(
    [0, 1].map(() => udpUpstream(t, (query, reply) => refused(reply, query))),
  )
  assert.ok(one && two)
  const [from, to] = settings(one.name, two.name)
  const all = await served(t, { externalOn: true, allowRecursion: ['127.0.0.0/8'], ...from })
  await ask(all, FOREIGN)
  assert.deepEqual([one.received.length > 0, two.received.length], [true, 0])
  await all.reload(to)
  const before = one.received.length
  await ask(all, FOREIGN)
  assert.deepEqual([one.received.length, two.received.length > 0], [before, true])
}

async function connection(all: Reloadable) {
  const socket = connect(all.dnsPort(), '127.0.0.1')
  let ended = false
  socket
    .on('error', () => {})
    .on('close', () => {
      ended = true
    })
  await once(socket, 'connect')
  return { ended: () => ended, end: () => socket.destroy() }
}

async function limited(t: TestContext, key: string) {
  const all = await served(t)
  const first = await connection(all)
  t.after(first.end)
  await all.reload({ [key]: 1 })
  const second = await connection(all)
  t.after(second.end)
  await eventually('one more is refused', second.ended)
  assert.equal(first.ended(), false)
}

/** A private key in PEM. */
function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

const CHECKS: { readonly [F in Field]: Check } = {
  zk: async (t) => {
    const other = await startLeader(t)
    await source(
      t,
      ({ name }) => ({ masters: [name] }),
      () => ({ zk: other.name }),
      () => other.seen.length > 0,
    )
  },
  masters: async (t) => {
    const other = await startLeader(t)
    await source(
      t,
      ({ name }) => ({ masters: [name] }),
      () => ({ masters: [other.name] }),
      () => other.seen.length > 0,
    )
  },
  zkDetectionTimeout: async (t) => {
    const all = await startReloadable(t, {
      zk: 'zk://127.0.0.1:1/mesos',
      masters: [],
      zkDetectionTimeout: 0,
      zkStrict: true,
    })
    await all.reload({ zkDetectionTimeout: 1 })
    assert.ok((await all.server.failed) instanceof Error)
  },
  zkStrict: async (t) => {
    const all = await startReloadable(t, {
      zk: 'zk://127.0.0.1:1/mesos',
      masters: [],
      zkDetectionTimeout: 1,
    })
    await all.reload({ zkStrict: true })
    assert.ok((await all.server.failed) instanceof Error)
  },
  zkTls: async (t) => {
    const zookeeper = await listener(t)
    const zk = `zk://${zookeeper.name}/mesos`
    const all = await startReloadable(t, { zk, masters: [] })
    await eventually('it is spoken to', () => zookeeper.first() === 0)
    await all.reload({ zkTLS: { on: true } })
    await eventually('it is spoken to with TLS', () => zookeeper.first() === TLS_HANDSHAKE)
  },
  refreshSeconds: (t) =>
    source(
      t,
      ({ name }) => ({ masters: [name] }),
      () => ({ refreshSeconds: 1 }),
      ({ seen }) => seen.length > 4,
    ),
  stateTimeoutSeconds: async (t) => {
    const hanging = await startMaster(t, () => {})
    const all = await startReloadable(t, { masters: [hanging.name] })
    await eventually('it is asked', () => hanging.seen.length > 0)
    await all.reload({ stateTimeoutSeconds: 1 })
    await eventually('it is given up', () => (all.server.status().follow?.polls.failures ?? 0) > 0)
  },
  mesosHttpsOn: async (t) => {
    const master = await listener(t)
    const all = await startReloadable(t, { masters: [master.name] })
    await eventually('it is spoken to', () => master.first() !== undefined)
    assert.notEqual(master.first(), TLS_HANDSHAKE)
    await all.reload({ MesosHTTPSOn: true })
    await eventually('it is spoken to with TLS', () => master.first() === TLS_HANDSHAKE)
  },
  caCertFile: async (t) => {
    const master = await tlsMaster(t)
    const base = { masters: [master.name], MesosHTTPSOn: true }
    const all = await startReloadable(t, { ...base, CACertFile: certificates.stranger.cert })
    await all.server.refresh()
    assert.equal(master.seen.length, 0)
    await all.reload({ CACertFile: certificates.ca.cert })
    await eventually('it is trusted', () => master.seen.length > 0)
  },
  certFile: async (t) => {
    const master = await tlsMaster(t)
    await source(
      t,
      ({ name }) => ({ masters: [name], MesosHTTPSOn: true }),
      withClient,
      showsCertificate,
      master,
    )
  },
  // The path stays, the files hold another pair.
  keyFile: async (t) => {
    const master = await tlsMaster(t)
    const all = await startReloadable(t)
    const put = (pair: { cert: string; key: string }) => ({
      CertFile: all.write('c.pem', readPair(pair).cert),
      KeyFile: all.write('k.pem', readPair(pair).key),
    })
    const base = { masters: [master.name], MesosHTTPSOn: true }
    await all.reload({ ...base, ...put(certificates.stranger) })
    await all.server.refresh()
    assert.equal(showsCertificate(master), false)
    const { changed } = await all.reload({ ...base, ...put(certificates.client) })
    assert.deepEqual(changed, ['CertFile', 'KeyFile'])
    await eventually('it shows the other one', () => showsCertificate(master))
  },
  mesosAuthentication: (t) =>
    source(
      t,
      ({ name }) => ({ masters: [name] }),
      () => ({ mesosAuthentication: 'basic', mesosCredentials: { principal: 'p', secret: 's' } }),
      ({ seen }) => seen.some(({ authorization }) => authorization !== undefined),
    ),
  mesosCredentials: async (t) => {
    const all = await startReloadable(t)
    const secretFile = all.write('secret', 'one')
    const master = await startLeader(t)
    const base = {
      masters: [master.name],
      mesosAuthentication: 'basic',
      mesosCredentials: { principal: 'p', secretFile },
    }
    await all.reload(base)
    await all.server.refresh()
    all.write('secret', 'two')
    assert.deepEqual((await all.reload(base)).changed, ['mesosCredentials'])
    const basic = `Basic ${Buffer.from('p:two').toString('base64')}`
    await eventually('the other one is shown', () =>
      master.seen.some(({ authorization }) => authorization === basic),
    )
  },
  iamConfigFile: async (t) => {
    const login = await startMaster(t, (_, response) => sendJson(response, { token: 'abc' }))
    const master = await startLeader(t)
    const private_key = rsaKey()
    const all = await startReloadable(t)
    const account = (uid: string) =>
      all.write(
        'iam.json',
        JSON.stringify({ uid, private_key, login_endpoint: `http://${login.name}/${uid}` }),
      )
    const base = {
      masters: [master.name],
      mesosAuthentication: 'iam',
      IAMConfigFile: account('one'),
    }
    await all.reload(base)
    await eventually('it logs in', () => login.paths().includes('/one'))
    account('two')
    assert.deepEqual((await all.reload(base)).changed, ['IAMConfigFile'])
    await eventually('it logs in as somebody else', () => login.paths().includes('/two'))
  },
  updates: (t) =>
    source(
      t,
      ({ name }) => ({ masters: [name] }),
      () => ({ updates: 'stream' }),
      ({ seen }) => seen.some(({ method, path }) => method === 'POST' && path.endsWith('/api/v1')),
    ),
  // Whole seconds, ten at least: that the source is another one is all that is waited for.
  auditSeconds: async (t) => {
    const all = await served(t)
    await all.server.refresh()
    const polls = () => all.server.status().follow?.polls.count ?? 0
    assert.ok(polls() > 1)
    assert.deepEqual((await all.reload({ auditSeconds: 10 })).changed, ['auditSeconds'])
    await eventually('the source begins anew', () => polls() === 1)
  },
  failoverHoldSeconds: (t) =>
    failover(
      t,
      { ...CLUSTER, id: 'M2', slaves: [], frameworks: [], recovered_slaves: [AGENT] },
      {},
      { failoverHoldSeconds: 0 },
    ),
  failoverSettleSeconds: (t) =>
    failover(
      t,
      { ...CLUSTER, id: 'M2', frameworks: [framework([])] },
      { failoverSettleSeconds: 3600, failoverHoldSeconds: 3600 },
      { failoverHoldSeconds: 3600, failoverSettleSeconds: 0 },
    ),
  shrinkThreshold: (t) =>
    shrinking(t, { shrinkConfirmations: 100 }, { shrinkConfirmations: 100, shrinkThreshold: 100 }),
  shrinkConfirmations: (t) =>
    shrinking(t, { shrinkConfirmations: 100 }, { shrinkConfirmations: 1 }),
  staleAfter: async (t) => {
    const all = await served(t)
    assert.equal(all.server.status().freshness, FRESHNESS.FRESH)
    await all.reload({ staleAfter: 1 })
    await eventually('it is stale', () => all.server.status().freshness === FRESHNESS.STALE)
    await all.server.refresh()
    await eventually('it was fresh again', () =>
      all.lines.some(({ message }) => message.endsWith('up to date again')),
    )
  },
  maxStale: async (t) => {
    const all = await served(t)
    assert.equal(await rcode(all, { name: 'db.mesos', type: TYPE.A }), RCODE.NOERROR)
    // Nobody is left to tell that it is so.
    await all.master.stop()
    const { status, error } = await all.reload({ maxStale: 2, staleAfter: 1, refreshSeconds: 1 })
    assert.equal(status, 'applied', String(error))
    const isServed = async () =>
      (await rcode(all, { name: 'db.mesos', type: TYPE.A })) === RCODE.NOERROR
    await eventually('it is not served', async () => !(await isServed()))
    await all.reload({})
    assert.equal(await isServed(), true)
  },
  dnsOn: {
    to: { dnsOn: false },
    seen: async ({ server }) => server.addresses.dns === undefined,
    was: false,
    is: true,
  },
  domain: {
    to: { domain: 'other' },
    seen: (all) => rcode(all, { name: 'db.other', type: TYPE.A }),
    was: RCODE.REFUSED,
    is: RCODE.NOERROR,
  },
  ttl: {
    to: { ttl: 5 },
    seen: (all) => lines(all, 'db.mesos'),
    was: ['db.mesos. 60 A 10.0.0.1'],
    is: ['db.mesos. 5 A 10.0.0.1'],
  },
  listener: {
    to: { listener: ['127.0.0.1', '127.0.0.5'] },
    seen: (all) => lines(all, 'ns1.mesos'),
    was: ['ns1.mesos. 60 A 127.0.0.1'],
    is: ['ns1.mesos. 60 A 127.0.0.1', 'ns1.mesos. 60 A 127.0.0.5'],
  },
  port: async (t) => {
    const all = await served(t)
    const port = await freePort()
    assert.equal((await all.reload({ port })).status, 'applied')
    assert.equal(all.dnsPort(), port)
    assert.deepEqual(await lines(all, 'db.mesos'), ['db.mesos. 60 A 10.0.0.1'])
  },
  workers: {
    to: { workers: 2 },
    seen: async ({ server }) => server.counters().threads.length,
    was: 1,
    is: 2,
  },
  udp: {
    to: { udp: 'dgram' },
    seen: async (all) =>
      all.lines.filter(({ message }) => message === 'listening').at(-1)?.fields['udp'],
    was: 'batch',
    is: 'dgram',
  },
  udpReceiveBuffer: async (t) => {
    const all = await served(t)
    const sockets = loadSockets()
    const largest = () => {
      const sizes: number[] = []
      for (let fd = 3; fd < 200; fd++) {
        try {
          if (sockets?.port(fd) === all.dnsPort()) sizes.push(sockets.receiveBuffer(fd))
        } catch {}
      }
      return sizes.filter((size) => size === 2 * 70_000).length
    }
    assert.equal(largest(), 0)
    await all.reload({ udpReceiveBuffer: 70_000 })
    assert.ok(largest() > 0)
  },
  recurseOn: {
    to: { recurseOn: false },
    seen: async (all) => ((await ask(all, { name: 'db.mesos', type: TYPE.A }))[3] ?? 0) >> 7,
    was: 1,
    is: 0,
  },
  ordering: {
    from: { staticRecords: many(3) },
    to: { staticRecords: many(3), ordering: 'roundrobin' },
    seen: async (all) => {
      const first = async () =>
        presentation(decode(await ask(all, { name: 'many.mesos', type: TYPE.A })).answers)[0]
      return new Set([await first(), await first(), await first()]).size
    },
    was: 1,
    is: 3,
  },
  maxAnswers: {
    from: { staticRecords: many(3) },
    to: { staticRecords: many(3), maxAnswers: 2 },
    seen: async (all) => (await lines(all, 'many.mesos')).length,
    was: 3,
    is: 2,
  },
  setTruncateBit: {
    from: { staticRecords: many(100) },
    to: { staticRecords: many(100), SetTruncateBit: false },
    seen: async (all) => ((await ask(all, { name: 'many.mesos', type: TYPE.A }))[2] ?? 0) & 2,
    was: 2,
    is: 0,
  },
  ednsBufferSize: {
    to: { ednsBufferSize: 4096 },
    seen: async (all) => (await edns(all)).payload,
    was: 1232,
    is: 4096,
  },
  resolvSubnetFirst: {
    from: { staticRecords: [...many(3), { name: 'many', type: 'A', address: '127.0.0.77' }] },
    to: {
      staticRecords: [...many(3), { name: 'many', type: 'A', address: '127.0.0.77' }],
      ResolvSubnetFirst: true,
    },
    seen: async (all) =>
      presentation(decode(await ask(all, { name: 'many.mesos', type: TYPE.A })).answers)[0],
    was: 'many.mesos. 60 A 10.1.0.1',
    is: 'many.mesos. 60 A 127.0.0.77',
  },
  nsid: {
    from: { nsid: 'one' },
    to: { nsid: 'two' },
    seen: async (all) => Buffer.from((await edns(all, NSID)).options[0]?.octets ?? []).toString(),
    was: 'one',
    is: 'two',
  },
  chaosOn: {
    to: { chaosOn: true },
    seen: (all) => rcode(all, { name: 'version.bind', type: TYPE.TXT, qclass: 3 }),
    was: RCODE.REFUSED,
    is: RCODE.NOERROR,
  },
  cookies: {
    to: { cookies: true },
    seen: async (all) => (await edns(all, COOKIE, client)).options.length,
    was: 0,
    is: 1,
  },
  cookieSecret: (t) =>
    cookieKept(
      t,
      () => ({ cookieSecret: 'a'.repeat(32) }),
      () => ({ cookieSecret: 'b'.repeat(32) }),
    ),
  cookieSecretFile: (t) =>
    cookieKept(
      t,
      (write) => ({ cookieSecretFile: write('cookie', 'a'.repeat(32)) }),
      (write) => ({ cookieSecretFile: write('cookie', 'b'.repeat(32)) }),
    ),
  tcpIdleTimeout: async (t) => {
    const all = await served(t, { tcpIdleTimeout: 3600 })
    const idle = await connection(all)
    t.after(idle.end)
    await lines(all, 'db.mesos')
    assert.equal(idle.ended(), false)
    await all.reload({ tcpIdleTimeout: 1 })
    await eventually('it is ended', idle.ended)
  },
  tcpMaxConnections: (t) => limited(t, 'tcpMaxConnections'),
  tcpMaxConnectionsPerClient: (t) => limited(t, 'tcpMaxConnectionsPerClient'),
  soaMname: {
    to: { SOAMname: 'ns9.mesos' },
    seen: soaField(0),
    was: 'ns1.mesos.',
    is: 'ns9.mesos.',
  },
  soaRname: {
    to: { SOARname: 'me@mesos' },
    seen: soaField(1),
    was: 'root.ns1.mesos.',
    is: 'me.mesos.',
  },
  soaRefresh: { to: { SOARefresh: 7 }, seen: soaField(3), was: '60', is: '7' },
  soaRetry: { to: { SOARetry: 7 }, seen: soaField(4), was: '600', is: '7' },
  soaExpire: { to: { SOAExpire: 7 }, seen: soaField(5), was: '86400', is: '7' },
  soaMinttl: { to: { SOAMinttl: 7 }, seen: soaField(6), was: '60', is: '7' },
  ipSources: {
    to: { IPSources: ['host'] },
    seen: (all) => lines(all, '1web.marathon.mesos'),
    was: ['1web.marathon.mesos. 60 A 10.9.0.1'],
    is: ['1web.marathon.mesos. 60 A 10.0.0.9'],
  },
  enforceRfc952: {
    to: { EnforceRFC952: true },
    seen: async (all) => (await lines(all, 'web.marathon.mesos')).length,
    was: 0,
    is: 1,
  },
  srvRecordDefaultWeight: {
    to: { srvRecordDefaultWeight: 9 },
    seen: async (all) => (await lines(all, '_1web._tcp.marathon.mesos', 'SRV'))[0]?.split(' ')[4],
    was: '1',
    is: '9',
  },
  health: {
    to: { health: 'require' },
    seen: async (all) => (await lines(all, '1web.marathon.mesos')).length,
    was: 1,
    is: 0,
  },
  reverseDnsOn: {
    to: { ReverseDnsOn: true },
    seen: async (all) => (await lines(all, '1.0.9.10.in-addr.arpa', 'PTR')).length > 0,
    was: false,
    is: true,
  },
  staticRecords: {
    to: { staticRecords: [] },
    seen: async (all) => (await lines(all, 'db.mesos')).length,
    was: 1,
    is: 0,
  },
  externalOn: async (t) => {
    const upstream = await udpUpstream(t, (query, reply) => refused(reply, query))
    const all = await served(t, { resolvers: [upstream.name], externalOn: false })
    assert.equal(await rcode(all, FOREIGN), RCODE.REFUSED)
    await all.reload({ externalOn: true })
    assert.equal(await rcode(all, FOREIGN), RCODE.NXDOMAIN)
  },
  resolvers: (t) => upstreams(t, (one, two) => [{ resolvers: [one] }, { resolvers: [two] }]),
  zoneResolvers: (t) =>
    upstreams(t, (one, two) => [
      { resolvers: [one] },
      { resolvers: [one], zoneResolvers: { example: [two] } },
    ]),
  timeout: async (t) => {
    const silent = await udpUpstream(t, () => {})
    const all = await served(t, { resolvers: [silent.name], externalOn: true, timeout: 3600 })
    await all.reload({ timeout: 1 })
    assert.equal(await rcode(all, FOREIGN), RCODE.SERVFAIL)
  },
  allowRecursion: async (t) => {
    const upstream = await udpUpstream(t, (query, reply) => refused(reply, query))
    const all = await served(t, { resolvers: [upstream.name], externalOn: true })
    assert.equal(await rcode(all, FOREIGN), RCODE.NXDOMAIN)
    await all.reload({ allowRecursion: ['10.0.0.0/8'] })
    assert.equal(await rcode(all, FOREIGN), RCODE.REFUSED)
  },
  httpOn: {
    to: { httpOn: false },
    seen: async ({ server }) => server.addresses.http === undefined,
    was: false,
    is: true,
  },
  httpListener: {
    to: { httpListener: '127.0.0.6' },
    seen: async ({ server }) => server.addresses.http?.host,
    was: '127.0.0.1',
    is: '127.0.0.6',
  },
  httpPort: async (t) => {
    const all = await served(t)
    const port = await freePort()
    await all.reload({ httpPort: port })
    assert.equal((await getOnce(`http://127.0.0.1:${port}/v1/version`)).status, 200)
  },
  enumerationOn: {
    to: { EnumerationOn: false },
    seen: async (all) => (await getOnce(`${all.httpUrl()}/v1/enumerate`)).status,
    was: 200,
    is: 404,
  },
  watchSeconds: async (t) => {
    const all = await served(t)
    await all.reload({ watchSeconds: 1 })
    all.configure({ watchSeconds: 1, ttl: 8 })
    await eventually(
      'it is applied',
      async () => (await lines(all, 'db.mesos'))[0] === 'db.mesos. 8 A 10.0.0.1',
    )
    await eventually('it is told', () => all.server.status().reloads.last?.trigger === 'watch')
  },
  compat: {
    to: { compat: { srvMissNoError: true } },
    seen: (all) => rcode(all, { name: 'none.mesos', type: TYPE.SRV }),
    was: RCODE.NXDOMAIN,
    is: RCODE.NOERROR,
  },
}

describe('a reload of another value of', { ...needsKoffi(), concurrency: 2 }, () => {
  for (const [field, { key }] of settingEntries) {
    const check = CHECKS[field]
    test(key, { timeout: 120_000 }, async (t) => {
      if (typeof check === 'function') return check(t)
      const all = await served(t, check.from)
      assert.deepEqual(await check.seen(all), check.was)
      const { status, changed, needsRestart } = await all.reload(check.to)
      assert.deepEqual([status, needsRestart], ['applied', []])
      assert.ok(changed.includes(SETTINGS[field].key))
      assert.deepEqual(await check.seen(all), check.is)
    })
  }

  test('sockets is named as needing a restart only where they cannot be shared', () => {
    const fields = settingEntries
      .map(([field]) => field)
      .filter((field) => takes('sockets', [field]))
    assert.deepEqual(fields, ['dnsOn', 'listener', 'port', 'workers', 'udp', 'udpReceiveBuffer'])
  })
})
