// A server on 0.0.0.0 in a network of its own, with several addresses on one interface and one that is only
// routed to it, asked by a client in another. A client's socket takes replies only from the address it asked.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { needsKoffi } from '../koffi.ts'
import { needs } from '../programs.ts'

const ID = process.pid
const SERVER = `mns-s${ID}`
const CLIENT = `mns-c${ID}`

/** Runs `ip`; false if that is not possible here. */
function ip(words: string): boolean {
  return spawnSync('ip', words.split(' '), { stdio: 'ignore' }).status === 0
}

function unavailable(): string | false {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  const { skip } = needs('ip', 'dig')
  if (skip !== false) return skip
  if (!ip(`netns add ${SERVER}`)) return 'takes the right to make network namespaces'
  ip(`netns delete ${SERVER}`)
  return false
}

const INTERFACE = ['10.9.0.1', '10.9.0.2', '10.9.0.3', 'fd00:9::1', 'fd00:9::2']
/** Addresses of local routes, which no interface has. */
const ROUTED = ['192.0.2.53', '2001:db8:53::53']

const skip = unavailable()

function build(): void {
  const steps = [
    `netns add ${SERVER}`,
    `netns add ${CLIENT}`,
    `-n ${SERVER} link add v0 type veth peer name v0 netns ${CLIENT}`,
    `-n ${SERVER} link set lo up`,
    `-n ${CLIENT} link set lo up`,
    `-n ${SERVER} link set v0 up`,
    `-n ${CLIENT} link set v0 up`,
    ...INTERFACE.map((address) =>
      address.includes(':')
        ? `-n ${SERVER} address add ${address}/64 dev v0 nodad`
        : `-n ${SERVER} address add ${address}/24 dev v0`,
    ),
    `-n ${CLIENT} address add 10.9.0.100/24 dev v0`,
    `-n ${CLIENT} address add fd00:9::100/64 dev v0 nodad`,
    `-n ${SERVER} route add local 192.0.2.53 dev lo`,
    `-n ${SERVER} -6 route add local 2001:db8:53::53 dev lo`,
    `-n ${CLIENT} route add 192.0.2.53 via 10.9.0.1`,
    `-n ${CLIENT} -6 route add 2001:db8:53::53 via fd00:9::1`,
  ]
  for (const step of steps) assert.ok(ip(step), `ip ${step}`)
}

async function serve(mode: string): Promise<ChildProcess> {
  const file = join(import.meta.dirname, 'source-address-server.ts')
  const inNamespace = ['netns', 'exec', SERVER, process.execPath]
  const server = spawn('ip', [...inNamespace, '--import', 'tsx', file, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const started = once(server.stdout, 'data').then(([text]) => String(text))
  const ended = once(server, 'exit').then(() => 'ended')
  assert.equal(await Promise.race([started, ended]), 'listening\n')
  return server
}

/** What `dig` prints; it takes a reply only from where it sent the query. */
function dig(host: string, ...words: string[]): string {
  const command = ['netns', 'exec', CLIENT, 'dig', `@${host}`, '+tries=1', '+time=5', ...words]
  return spawnSync('ip', command, { encoding: 'utf8' }).stdout
}

function linkLocal(): string {
  const { stdout } = spawnSync('ip', ['-n', SERVER, '-6', '-o', 'address', 'show', 'dev', 'v0'], {
    encoding: 'utf8',
  })
  return `${/fe80:[0-9a-f:]+/.exec(stdout)?.[0] ?? ''}%v0`
}

describe('replies leave from the address that was asked', { skip }, () => {
  if (skip === false) build()
  after(() => {
    ip(`netns delete ${SERVER}`)
    ip(`netns delete ${CLIENT}`)
  })

  for (const mode of ['batch', 'dgram']) {
    describe(mode, mode === 'batch' ? needsKoffi() : {}, () => {
      test('each of them, over UDP and TCP, forwarded or not', async () => {
        const server = await serve(mode)
        try {
          // An address without an interface is beyond what Node.js can tell and choose.
          const hosts = mode === 'batch' ? [...INTERFACE, ...ROUTED, linkLocal()] : INTERFACE
          for (const host of hosts) {
            // The first and a later query may be answered by different sockets.
            for (let i = 0; i < 2; i++) {
              assert.equal(dig(host, 'leader.mesos', '+short'), '10.0.0.1\n', host)
              assert.match(dig(host, 'example.com'), /status: REFUSED/, host)
            }
            assert.equal(dig(host, 'leader.mesos', '+short', '+tcp'), '10.0.0.1\n', host)
          }
        } finally {
          const ended = once(server, 'exit')
          server.kill()
          assert.deepEqual(await ended, [0, null])
        }
      })
    })
  }
})
