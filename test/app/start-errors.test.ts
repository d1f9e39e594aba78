// What stands in the way of a start rejects it, and leaves nothing running.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { startServer } from '../../src/app.ts'
import { silentLogger } from '../../src/log.ts'
import { configOf, nothingLeft, openSockets, type Settings, seenWorkers } from './running.ts'

async function takeTcp(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function takeUdp(t: TestContext): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  t.after(() => socket.close())
  await once(socket, 'listening')
  return socket.address().port
}

const CASES: readonly (readonly [
  what: string,
  settings: (t: TestContext) => Promise<Settings>,
  expected: { readonly code: string; readonly name: string; readonly message: RegExp },
])[] = [
  [
    'a UDP port that is taken',
    async (t) => ({ port: await takeUdp(t) }),
    { code: 'MESOS_NS_LISTEN', name: 'ListenError', message: /^cannot listen for DNS over UDP/ },
  ],
  [
    'a TCP port that is taken',
    async (t) => ({ port: await takeTcp(t) }),
    { code: 'MESOS_NS_LISTEN', name: 'ListenError', message: /^cannot listen for DNS over TCP/ },
  ],
  [
    'an HTTP port that is taken',
    async (t) => ({ httpPort: await takeTcp(t) }),
    { code: 'MESOS_NS_LISTEN', name: 'ListenError', message: /^cannot listen for HTTP/ },
  ],
  [
    'a CA certificate that is not there',
    async () => ({ mesosHttpsOn: true, caCertFile: '/none/ca.pem' }),
    { code: 'MESOS_NS_CONFIG', name: 'ConfigError', message: /\/none\/ca\.pem/ },
  ],
  [
    'credentials that are not there',
    async () => ({ mesosAuthentication: 'iam', iamConfigFile: '/none/iam.json' }),
    { code: 'MESOS_NS_CONFIG', name: 'ConfigError', message: /\/none\/iam\.json/ },
  ],
]

for (const [what, settings, expected] of CASES) {
  for (const workers of [1, 2]) {
    test(`${what} rejects the start with ${workers} query threads`, async (t) => {
      const workersSeen = seenWorkers(t)
      const changes = { masters: ['127.0.0.1:1'], workers, ...(await settings(t)) }
      const before = openSockets()
      const config = configOf([], changes)
      await assert.rejects(
        startServer({ config, log: silentLogger, version: '0.0.0-test' }),
        expected,
      )
      await nothingLeft(workersSeen, before)
    })
  }
}
