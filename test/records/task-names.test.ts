import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rfc1123 } from '../../src/records/labels.ts'
import { FrameworkNames } from '../../src/records/task-names.ts'
import { task } from './cluster.ts'

const names = () => new FrameworkNames('m', '.mesos.', rfc1123)

test('names do not depend on those made before, however many', () => {
  const used = names()
  const tasks = Array.from({ length: 5000 }, (_, i) => {
    const name = `Web_${i % 3000}`
    return task({ name, discovery: i % 3 === 0 ? { name, ports: [] } : undefined })
  })
  for (const each of tasks) {
    const made = used.of(each).map(({ label, owner, services }) => ({ label, owner, services }))
    const alone = names()
      .of(each)
      .map(({ label, owner, services }) => ({ label, owner, services }))
    assert.deepEqual(made, alone)
  }
})

test('tasks of one name share the very names', () => {
  const used = names()
  assert.equal(used.of(task({ id: 'a' }))[0], used.of(task({ id: 'b' }))[0])
})

test('names of long ago are forgotten', () => {
  const used = names()
  const ofKinds = (name: string) => [
    used.of(task({ name })),
    used.of(task({ discovery: { name, ports: [] } })),
  ]
  const first = ofKinds('first')
  for (let i = 0; i < 1024; i++) ofKinds(`web-${i}`)
  ofKinds('first').forEach((made, kind) => {
    assert.notEqual(made, first[kind])
    assert.deepEqual(made, first[kind])
  })
})

test('services do not depend on those made before, however many ports have names of their own', () => {
  const used = names()
  const [shared] = used.of(task())
  assert.ok(shared)
  for (let i = 0; i < 1000; i++) {
    const port = { protocol: i % 2 === 0 ? 'tcp' : '', number: i, name: `Port ${i % 300}` }
    const alone = names()
    const [fresh] = alone.of(task())
    assert.ok(fresh)
    assert.deepEqual(used.discoveryServices(shared, port), alone.discoveryServices(fresh, port))
  }
  assert.ok(shared.ports.size <= 64)
})
