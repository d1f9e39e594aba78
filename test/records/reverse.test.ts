import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesToIp } from '../../src/net/address.ts'
import { reverseName } from '../../src/records/reverse.ts'
import type { Task } from '../../src/state/model.ts'
import { type Change, framework, generate, state, status, table, task } from './cluster.ts'

function at(id: string, name: string, ...networkAddresses: string[]): Task {
  return task({ id, name, statuses: [status({ networkAddresses })] })
}

function pointers(tasks: Task[], change: Change = {}): string[] {
  const config = { reverseDnsOn: true, ...change.config }
  return generate(state([framework('m', ...tasks)]), { ...change, config }).lines.filter((line) =>
    line.includes(' PTR '),
  )
}

test('an address of one name leads back to it', () => {
  assert.deepEqual(
    pointers([at('1', 'web', '172.16.0.1', '2001:db8::1'), at('2', 'db')]),
    table(`
      1.0.16.172.in-addr.arpa. 60 PTR web.m.mesos.
      1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 60 PTR web.m.mesos.
      10.0.0.10.in-addr.arpa.  60 PTR db.m.mesos.
    `),
  )
})

test('there are none unless asked for', () => {
  assert.deepEqual(
    pointers([at('1', 'web', '172.16.0.1')], { config: { reverseDnsOn: false } }),
    [],
  )
})

test('an address of several tasks of one name has one', () => {
  assert.deepEqual(pointers([at('1', 'web'), at('2', 'web')]), [
    '10.0.0.10.in-addr.arpa. 60 PTR web.m.mesos.',
  ])
})

test('an address shared by names: none for an agent, all for a container', () => {
  assert.deepEqual(pointers([at('1', 'web'), at('2', 'db')]), [])
  assert.deepEqual(
    pointers([
      at('1', 'web', '172.16.0.1'),
      at('2', 'db', '172.16.0.1'),
      at('3', 'api', '172.16.0.1'),
    ]),
    table(`
      1.0.16.172.in-addr.arpa. 60 PTR api.m.mesos.
      1.0.16.172.in-addr.arpa. 60 PTR db.m.mesos.
      1.0.16.172.in-addr.arpa. 60 PTR web.m.mesos.
    `),
  )
})

test('the name is the mangled one, and a name nobody can ask for is none', () => {
  const ports: Task['discovery'] = { name: 'App.Group', ports: [] }
  assert.deepEqual(
    pointers([{ ...at('1', 'x', '172.16.0.1'), discovery: ports }, at('2', '***', '172.16.0.2')]),
    ['1.0.16.172.in-addr.arpa. 60 PTR app-group.m.mesos.'],
  )
})

test('loopback and unspecified addresses stay with everybody', () => {
  assert.deepEqual(pointers([at('1', 'web', '127.0.0.1', '127.8.8.8', '0.0.0.0', '::1', '::')]), [])
})

test('every PTR is confirmed by an address record', () => {
  const unhealthy = { healthy: false, networkAddresses: ['172.16.0.2'] }
  const tasks = [at('1', 'web', '172.16.0.1'), task({ id: '2', statuses: [status(unhealthy)] })]
  assert.deepEqual(pointers(tasks, { config: { health: 'exclude' } }), [
    '1.0.16.172.in-addr.arpa. 60 PTR web.m.mesos.',
  ])
})

test('reverse names hold every octet of the address, backwards', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  fc.assert(
    fc.property(octets, (bytes) => {
      // An IPv4-mapped address is an IPv4 address.
      fc.pre(bytes.length === 4 || bytes.some((byte, i) => i < 12 && byte !== (i < 10 ? 0 : 255)))
      const labels = reverseName(bytesToIp(bytes)).split('.')
      assert.deepEqual(labels.splice(-3), [bytes.length === 4 ? 'in-addr' : 'ip6', 'arpa', ''])
      const back =
        bytes.length === 4
          ? labels.reverse().map(Number)
          : Array.from(Buffer.from(labels.reverse().join(''), 'hex'))
      assert.deepEqual(back, [...bytes])
    }),
  )
})
