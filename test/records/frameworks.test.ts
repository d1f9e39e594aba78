import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateRecords } from '../../src/records/generate.ts'
import type { Framework } from '../../src/state/model.ts'
import {
  type Change,
  endpoint,
  framework,
  generate,
  input,
  present,
  state,
  table,
  task,
} from './cluster.ts'

/** A framework whose scheduler listens on `pid`. */
function scheduler(name: string, pid: string, ...tasks: Framework['tasks'][number][]): Framework {
  return { ...framework(name, ...tasks), pid: endpoint(pid) }
}

function all(frameworks: Framework[], change: Change = {}, agents = {}): string[] {
  return present(generateRecords(input(state(frameworks, agents), change)))
}

test('a framework with a pid has an address and a port', () => {
  assert.deepEqual(
    all([scheduler('Team.Prod.Marathon_1', '10.9.9.9:2555')]),
    table(`
      team.prod.marathon-1.mesos.                 60 A   10.9.9.9
      _framework._tcp.team.prod.marathon-1.mesos. 60 SRV 0 1 2555 team.prod.marathon-1.mesos.
    `),
  )
})

test('one without has the address of its host', () => {
  const hosts = new Map([['sched.example', ['10.9.9.8', '2001:DB8::8', 'nonsense']]])
  assert.deepEqual(
    all([{ ...framework('http'), hostname: 'sched.example' }], { hosts }),
    table(`
      http.mesos. 60 A    10.9.9.8
      http.mesos. 60 AAAA 2001:db8::8
    `),
  )
  assert.deepEqual(all([{ ...framework('http'), hostname: '10.9.9.7' }]), [
    'http.mesos. 60 A 10.9.9.7',
  ])
  assert.deepEqual(all([framework('http')]), [])
})

test('the host of the pid wins, also a host that has no address', () => {
  const zone = generate(state([{ ...scheduler('m', 'gone.example:80'), hostname: '10.9.9.9' }]))
  assert.deepEqual(zone.lines, [])
  assert.deepEqual(zone.problems, ['host-unresolved gone.example'])
})

test('frameworks of one name are one', () => {
  assert.deepEqual(
    all([scheduler('m', '10.9.9.1:1'), scheduler('M', '[2001:db8::2]:2')]),
    table(`
      m.mesos.                 60 A    10.9.9.1
      m.mesos.                 60 AAAA 2001:db8::2
      _framework._tcp.m.mesos. 60 SRV  0 1 1 m.mesos.
      _framework._tcp.m.mesos. 60 SRV  0 1 2 m.mesos.
    `),
  )
})

test('an empty name is listed', () => {
  assert.deepEqual(
    all([scheduler('', '10.9.9.9:2555')]),
    table(`
      .mesos.                 60 A   10.9.9.9
      _framework._tcp..mesos. 60 SRV 0 1 2555 .mesos.
    `),
  )
})

test('agents share a name, and a record for each port', () => {
  const agents = {
    a: '10.0.0.1:5051',
    b: '10.0.0.2:5051',
    c: '[2001:db8::3]:5052',
    d: 'agent4.example:5051',
    e: 'agent5.example:5051',
  }
  const hosts = new Map([['agent4.example', ['10.0.0.4', '2001:db8::4']]])
  const given = input(state([], agents), { hosts })
  assert.deepEqual(
    present(generateRecords(given)),
    table(`
      slave.mesos.       60 A    10.0.0.1
      slave.mesos.       60 A    10.0.0.2
      slave.mesos.       60 A    10.0.0.4
      slave.mesos.       60 AAAA 2001:db8::3
      slave.mesos.       60 AAAA 2001:db8::4
      _slave._tcp.mesos. 60 SRV  0 1 5051 slave.mesos.
      _slave._tcp.mesos. 60 SRV  0 1 5052 slave.mesos.
    `),
  )
  assert.deepEqual(
    given.report.problems.map(({ kind, object }) => `${kind} ${object}`),
    ['host-unresolved agent5.example'],
  )
})

test('reserved names are for no framework; its tasks keep theirs', () => {
  for (const name of ['leader', 'Master', 'master0', 'master17', 'slave', 'ns1', 'NS1.']) {
    const owner = `${name.toLowerCase().replace('.', '')}.mesos.`
    const zone = generate(state([scheduler(name, '10.9.9.9:2555', task())]))
    assert.deepEqual(
      zone.lines.filter((line) => line.includes('10.9.9.9')),
      [],
      name,
    )
    assert.deepEqual(zone.of(`_framework._tcp.${owner}`), [])
    assert.deepEqual(zone.of(`web.${owner}`), [`web.${owner} 60 A 10.0.0.10`])
    assert.deepEqual(zone.problems, [`name-reserved ${owner}`])
  }
})

test('names that only look reserved are free', () => {
  for (const name of ['leaders', 'masterx', 'master-1', 'a.leader', 'leader.a', 'slaves', 'ns2']) {
    const zone = generate(state([scheduler(name, '10.9.9.9:2555')]))
    assert.deepEqual(zone.of(`${name}.mesos.`), [`${name}.mesos. 60 A 10.9.9.9`])
    assert.deepEqual(zone.problems, [])
  }
})

test('the name server keeps its name wherever it is', () => {
  const change: Change = {
    listenerAddresses: ['10.0.0.53', '2001:db8::53'],
    config: { soaMname: 'Mesos-DNS.m.mesos.' },
  }
  const zone = generate(
    state([framework('m', task({ name: 'mesos-dns' })), scheduler('mesos-dns.m', '10.9.9.9:1')]),
    change,
  )
  assert.deepEqual(
    zone.of('mesos-dns.m.mesos.'),
    table(`
      mesos-dns.m.mesos. 60 A    10.0.0.53
      mesos-dns.m.mesos. 60 AAAA 2001:db8::53
    `),
  )
  assert.deepEqual(zone.of('mesos-dns-e844k-s0.m.mesos.').length, 1)
  assert.deepEqual(zone.problems, ['name-reserved mesos-dns.m.mesos.'])
})

test('the name server may be outside the domain', () => {
  assert.deepEqual(
    all([], { listenerAddresses: ['10.0.0.53', 'nonsense'], config: { soaMname: 'ns.example.' } }),
    ['ns.example. 60 A 10.0.0.53'],
  )
})

test('a framework called x.slave gets nothing that is where the agents of x are', () => {
  const on1 = (id: string, name = 'web') => task({ id, name, agentId: 'a-S1', ports: [31001] })
  for (const order of [0, 1]) {
    const frameworks = [
      framework('x', task({ ports: [31000] })),
      scheduler('X.Slave', '10.9.9.9:1', on1('web.2'), on1('web.9', 'other')),
    ]
    const zone = generate(state(order === 0 ? frameworks : frameworks.reverse()))
    assert.deepEqual(
      zone.of(
        'web.x.slave.mesos.',
        '_web._tcp.x.slave.mesos.',
        'other.x.slave.mesos.',
        'x.slave.mesos.',
      ),
      table(`
        web.x.slave.mesos.       60 A   10.0.0.10
        _web._tcp.x.slave.mesos. 60 SRV 0 1 31000 web-e844k-s0.x.slave.mesos.
        other.x.slave.mesos.     60 A   10.0.0.11
        x.slave.mesos.           60 A   10.9.9.9
      `),
    )
    assert.deepEqual(zone.problems, [
      'name-conflict web.x.slave.mesos.',
      'name-conflict _web._tcp.x.slave.mesos.',
      'name-conflict _web._udp.x.slave.mesos.',
    ])
  }
})

test('a framework called x.slave alone has all its names', () => {
  const zone = generate(state([framework('x.slave', task())]))
  assert.deepEqual(
    zone.of('web.x.slave.mesos.', 'web.x.slave.slave.mesos.'),
    table(`
      web.x.slave.mesos.       60 A 10.0.0.10
      web.x.slave.slave.mesos. 60 A 10.0.0.10
    `),
  )
  assert.deepEqual(zone.problems, [])
})

test('nothing that tasks are called gets to the names of the cluster itself', () => {
  const names = [
    'leader',
    'master',
    'slave',
    '_leader._tcp',
    'leader.mesos.',
    'slave',
    '_slave._tcp',
    '',
  ]
  const tasks = names.map((name, i) =>
    task({
      id: `${i}`,
      name: 't',
      discovery: { name, ports: [{ protocol: 'tcp', number: 1, name }] },
    }),
  )
  const frameworks = ['', 'slave', 'leader', 'm'].map((name) => framework(name, ...tasks))
  const change: Change = { masters: [endpoint('10.0.0.1:5050')] }
  const reserved = /^(?:(?:leader|master\d*)\.mesos\.|_leader\._(?:tcp|udp)\.mesos\.) /
  const own = (frameworks: Framework[]) =>
    generate(state(frameworks, undefined, '10.0.0.1:5050'), change).lines.filter((line) =>
      reserved.test(line),
    )
  assert.equal(own([]).length, 5)
  assert.deepEqual(own(frameworks), own([]))
})
