// The rules for tasks written as plainly as the documentation has them, without regard to cost: random
// clusters must have the same records either way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { generateRecords } from '../../src/records/generate.ts'
import { taskHash } from '../../src/records/hash.ts'
import { rfc952, rfc1123 } from '../../src/records/labels.ts'
import { fitLabels } from '../../src/records/name-limits.ts'
import type { ClusterState, Framework, Task } from '../../src/state/model.ts'
import { framework, input, present, state, status, task } from './cluster.ts'

const AGENTS = { 'a-S0': '10.0.0.10:5051', 'b-S0': '[2001:db8::10]:5051', 'a-S1': '10.0.0.11:5051' }

function plain(cluster: ClusterState, enforceRfc952: boolean): string[] {
  const { label, domainFragment } = enforceRfc952 ? rfc952 : rfc1123
  const lines = new Set<string>()
  const address = (name: string, ip: string) =>
    lines.add(`${name} 60 ${ip.includes(':') ? 'AAAA' : 'A'} ${ip}`)

  for (const framework of cluster.frameworks) {
    const fw = domainFragment(framework.name)
    const own = `.${fw}.mesos.`
    const below = `.${fw}.slave.mesos.`
    for (const task of framework.tasks) {
      const agent = cluster.agents.get(task.agentId)
      if (task.state !== 'TASK_RUNNING' || agent === undefined) continue
      const { discovery } = task
      const names =
        discovery === undefined ? [label(task.name)] : [discovery.name, label(discovery.name)]
      const tail = agent.id.split('-').at(-1)?.toLowerCase()
      const network = task.statuses.flatMap(({ networkAddresses }) => networkAddresses)
      for (const name of names) {
        const canonical = fitLabels(`${name}-${taskHash(task.id)}-${tail}`)
        for (const ip of network.length > 0 ? network : [agent.pid.host]) {
          address(fitLabels(name) + own, ip)
          address(canonical + own, ip)
        }
        address(fitLabels(name) + below, agent.pid.host)
        address(canonical + below, agent.pid.host)
        const srv = (service: string, port: number, target: string) =>
          lines.add(`${service} 60 SRV 0 1 ${port} ${target}`)
        for (const port of task.ports) {
          for (const protocol of ['tcp', 'udp']) {
            const service = fitLabels(`_${name}._${protocol}`)
            srv(service + below, port, canonical + below)
            if (discovery === undefined) srv(service + own, port, canonical + below)
          }
        }
        for (const port of discovery?.ports ?? []) {
          const mangled = label(port.protocol)
          const protocols = mangled === '' ? ['tcp', 'udp'] : [mangled]
          if (port.protocol.includes(',')) {
            protocols.push(...port.protocol.split(',').map(label).filter(Boolean))
          }
          for (const protocol of protocols) {
            const services = [`_${name}._${protocol}`]
            if (label(port.name) !== '') services.push(`_${label(port.name)}.${services[0]}`)
            for (const service of services.map(fitLabels)) {
              srv(service + own, port.number, canonical + own)
              srv(service + below, port.number, canonical + below)
            }
          }
        }
      }
    }
  }
  return [...lines].sort()
}

const name = fc.constantFrom(
  'web',
  'Web',
  'a.b',
  'A.b',
  'a-b',
  '',
  '***',
  '7',
  'x'.repeat(60),
  'T'.repeat(70),
)
const port = fc.constantFrom(0, 80, 31000, 31001)
const randomTask: fc.Arbitrary<Task> = fc
  .record({
    id: fc.constantFrom('1', '2', '3'),
    name,
    agentId: fc.constantFrom(...Object.keys(AGENTS), 'a-S9'),
    state: fc.constantFrom('TASK_RUNNING', 'TASK_RUNNING', 'TASK_KILLING'),
    ports: fc.array(port, { maxLength: 3 }),
    discovery: fc.option(
      fc.record({
        name: name.filter((text) => text !== ''),
        ports: fc.array(
          fc.record({
            protocol: fc.constantFrom('tcp', 'UDP', '', 'udp,tcp', ',', 'a,,b'),
            number: port,
            name: fc.constantFrom('', 'http', 'HTTP', '***'),
          }),
          { maxLength: 4 },
        ),
      }),
      { nil: undefined },
    ),
    statuses: fc
      .array(fc.constantFrom('10.1.0.1', '10.1.0.2', '2001:db8::1'), { maxLength: 2 })
      .map((networkAddresses) => [status({ networkAddresses })]),
  })
  .map((change) => task(change))
const randomFramework: fc.Arbitrary<Framework> = fc
  .tuple(
    fc.constantFrom('m', 'M', 'a.b', 'b', '', 'slave'),
    fc.array(randomTask, { maxLength: 12 }),
  )
  .map(([name, tasks]) => framework(name, ...tasks))

test('tasks have the records that the plain rules give them, each once', () => {
  fc.assert(
    fc.property(
      fc.array(randomFramework, { maxLength: 3 }),
      fc.boolean(),
      (frameworks, enforceRfc952) => {
        const cluster = state(frameworks, AGENTS)
        const made = present(generateRecords(input(cluster, { config: { enforceRfc952 } })))
        const agents = present(generateRecords(input(state([], AGENTS))))
        // Twice in `made` would not be equal to once.
        assert.deepEqual(made, [...new Set([...plain(cluster, enforceRfc952), ...agents])].sort())
      },
    ),
    { numRuns: 300 },
  )
})

test('the records do not depend on the order of the tasks', () => {
  fc.assert(
    fc.property(
      fc
        .array(randomTask, { maxLength: 15 })
        .chain((tasks) =>
          fc.tuple(fc.constant(tasks), fc.shuffledSubarray(tasks, { minLength: tasks.length })),
        ),
      fc.constantFrom('include', 'exclude', 'require'),
      ([tasks, shuffled], health) => {
        const lines = (all: readonly Task[]) =>
          present(
            generateRecords(
              input(state([framework('m', ...all)], AGENTS), {
                config: { health, reverseDnsOn: true },
              }),
            ),
          )
        assert.deepEqual(lines(shuffled), lines(tasks))
      },
    ),
  )
})

test('whatever the names, no label of a name has more than 63 octets, and no name more than 255', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 90 }),
    fc.string({ unit: fc.constantFrom('a', '.', '-', 'Z'), minLength: 50, maxLength: 300 }),
  )
  const anyTask = fc
    .record({ id: text, name: text, raw: text, protocol: text, portName: text })
    .map(({ id, name, raw, protocol, portName }) =>
      task({
        id,
        name,
        ports: [1],
        discovery:
          raw === '' ? undefined : { name: raw, ports: [{ protocol, number: 2, name: portName }] },
      }),
    )
  fc.assert(
    fc.property(text, fc.array(anyTask, { maxLength: 5 }), (name, tasks) => {
      const given = input(state([framework(name, ...tasks)]), { config: { reverseDnsOn: true } })
      for (const set of generateRecords(given)) {
        for (const full of [
          set.name,
          ...set.rdata.map((rdata) => rdata.replace(/^0 1 \d+ /, '')),
        ]) {
          assert.ok(Buffer.byteLength(full) <= 254, full)
          for (const label of full.split('.')) assert.ok(Buffer.byteLength(label) <= 63, full)
        }
      }
    }),
  )
})
