// What systemd is told in the life of the whole server.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { silentLogger } from '../../src/log.ts'
import { createNotifier } from '../../src/systemd/index.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { startLeader } from '../mesos/fake-master.ts'
import { receiveAt } from '../unix-receiver.ts'
import { type Reloadable, startReloadable } from './reloadable.ts'

/** A server with a master and a service manager; `told` is what the latter has been told, times left out. */
async function served(t: TestContext): Promise<Reloadable & { readonly told: () => string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-notify-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const socket = join(folder, 'notify')
  let reading: NodeJS.Timeout | undefined
  // Before the socket is closed.
  t.after(() => clearInterval(reading))
  const receiver = receiveAt(t, socket)
  const notifier = createNotifier({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '40000' }, silentLogger)
  t.after(() => notifier.close())
  const all: string[] = []
  const told = () => {
    all.push(...receiver.read().map((message) => message.replace(/USEC=\d+$/, 'USEC=…')))
    return all
  }
  // As systemd does; what nobody reads is soon more than the socket takes.
  reading = setInterval(told, 1)
  const master = await startLeader(t)
  const server = await startReloadable(t, { masters: [master.name] }, { notifier })
  await server.server.ready
  return { ...server, told }
}

const RELOADING = 'RELOADING=1\nMONOTONIC_USEC=…'
const states = (told: readonly string[]) => told.filter((line) => /^(?:RE|STOP)/.test(line))

describe('the service manager is told', needsKoffi(), () => {
  test('of the start, of each reload, of the end, and all the time that it lives', async (t) => {
    const { server, reload, told } = await served(t)
    await reload({ ttl: 7 })
    await reload({ ttl: 'x' })
    await eventually('it lives', () => told().filter((line) => line === 'WATCHDOG=1').length >= 3)
    await eventually('what it does is said', () =>
      told().some((line) => /^STATUS=serving \d+ names, polling 127\.0\.0\.1:\d+$/.test(line)),
    )
    await server.stop()
    await eventually('it has ended', () => told().at(-1) === 'STATUS=stopping')
    assert.deepEqual(states(told()), [
      'READY=1',
      RELOADING,
      'READY=1',
      RELOADING,
      'READY=1',
      'STOPPING=1',
    ])
  })

  test('of no reload any more once the server stops', async (t) => {
    const { server, reload, told } = await served(t)
    const reloaded = reload({ ttl: 7, refreshSeconds: 1800 })
    // It has begun.
    await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([server.stop(), reloaded, reload({ ttl: 8 })])
    await eventually('it has ended', () => told().includes('STOPPING=1'))
    assert.deepEqual(states(told()), ['READY=1', RELOADING, 'STOPPING=1'])
  })
})
