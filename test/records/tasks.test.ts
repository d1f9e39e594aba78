import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Discovery } from '../../src/state/model.ts'
import { framework, generate, state, status, table, task } from './cluster.ts'

function discovery(
  name: string,
  ...ports: [protocol: string, number: number, name: string][]
): Discovery {
  return { name, ports: ports.map(([protocol, number, name]) => ({ protocol, number, name })) }
}

const x = (length: number) => 'x'.repeat(length)

test('a task without DiscoveryInfo', () => {
  const web = task({
    name: 'Web_App',
    ports: [31000, 31005],
    statuses: [status({ networkAddresses: ['172.16.0.1', '2001:db8::1'] })],
  })
  assert.deepEqual(
    generate(state([framework('Marathon', web)])).lines,
    table(`
      web-app.marathon.mesos.                60 A    172.16.0.1
      web-app.marathon.mesos.                60 AAAA 2001:db8::1
      web-app-e844k-s0.marathon.mesos.       60 A    172.16.0.1
      web-app-e844k-s0.marathon.mesos.       60 AAAA 2001:db8::1
      web-app.marathon.slave.mesos.          60 A    10.0.0.10
      web-app-e844k-s0.marathon.slave.mesos. 60 A    10.0.0.10
      _web-app._tcp.marathon.mesos.          60 SRV  0 1 31000 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._tcp.marathon.mesos.          60 SRV  0 1 31005 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._udp.marathon.mesos.          60 SRV  0 1 31000 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._udp.marathon.mesos.          60 SRV  0 1 31005 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._tcp.marathon.slave.mesos.    60 SRV  0 1 31000 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._tcp.marathon.slave.mesos.    60 SRV  0 1 31005 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._udp.marathon.slave.mesos.    60 SRV  0 1 31000 web-app-e844k-s0.marathon.slave.mesos.
      _web-app._udp.marathon.slave.mesos.    60 SRV  0 1 31005 web-app-e844k-s0.marathon.slave.mesos.
    `),
  )
})

test('DiscoveryInfo: its name as sent and as a label, its ports for both views', () => {
  const web = task({
    name: 'not-used',
    ports: [31000],
    discovery: discovery('App.Group', ['tcp', 8080, 'HTTP']),
  })
  assert.deepEqual(
    generate(state([framework('m', web)])).lines,
    table(`
      App.Group.m.mesos.                      60 A   10.0.0.10
      App.Group-e844k-s0.m.mesos.             60 A   10.0.0.10
      App.Group.m.slave.mesos.                60 A   10.0.0.10
      App.Group-e844k-s0.m.slave.mesos.       60 A   10.0.0.10
      _App.Group._tcp.m.mesos.                60 SRV 0 1 8080  App.Group-e844k-s0.m.mesos.
      _http._App.Group._tcp.m.mesos.          60 SRV 0 1 8080  App.Group-e844k-s0.m.mesos.
      _App.Group._tcp.m.slave.mesos.          60 SRV 0 1 8080  App.Group-e844k-s0.m.slave.mesos.
      _http._App.Group._tcp.m.slave.mesos.    60 SRV 0 1 8080  App.Group-e844k-s0.m.slave.mesos.
      _App.Group._tcp.m.slave.mesos.          60 SRV 0 1 31000 App.Group-e844k-s0.m.slave.mesos.
      _App.Group._udp.m.slave.mesos.          60 SRV 0 1 31000 App.Group-e844k-s0.m.slave.mesos.
      app-group.m.mesos.                      60 A   10.0.0.10
      app-group-e844k-s0.m.mesos.             60 A   10.0.0.10
      app-group.m.slave.mesos.                60 A   10.0.0.10
      app-group-e844k-s0.m.slave.mesos.       60 A   10.0.0.10
      _app-group._tcp.m.mesos.                60 SRV 0 1 8080  app-group-e844k-s0.m.mesos.
      _http._app-group._tcp.m.mesos.          60 SRV 0 1 8080  app-group-e844k-s0.m.mesos.
      _app-group._tcp.m.slave.mesos.          60 SRV 0 1 8080  app-group-e844k-s0.m.slave.mesos.
      _http._app-group._tcp.m.slave.mesos.    60 SRV 0 1 8080  app-group-e844k-s0.m.slave.mesos.
      _app-group._tcp.m.slave.mesos.          60 SRV 0 1 31000 app-group-e844k-s0.m.slave.mesos.
      _app-group._udp.m.slave.mesos.          60 SRV 0 1 31000 app-group-e844k-s0.m.slave.mesos.
    `),
  )
})

test('DiscoveryInfo without ports takes the SRV records of the task view away', () => {
  const zone = generate(
    state([framework('m', task({ ports: [31000], discovery: discovery('web') }))]),
  )
  assert.deepEqual(zone.of('_web._tcp.m.mesos.', '_web._udp.m.mesos.'), [])
  assert.equal(zone.of('_web._tcp.m.slave.mesos.').length, 1)
})

test('protocols of discovery ports', () => {
  const cases: [protocol: string, services: string[]][] = [
    ['tcp', ['_tcp']],
    ['TCP', ['_tcp']],
    ['sctp', ['_sctp']],
    ['', ['_tcp', '_udp']],
    ['日本', ['_tcp', '_udp']],
    ['udp,tcp', ['_tcp', '_udp', '_udptcp']],
    ['tcp, udp,', ['_tcp', '_tcpudp', '_udp']],
    [',', ['_tcp', '_udp']],
  ]
  for (const [protocol, services] of cases) {
    const web = task({ discovery: discovery('web', [protocol, 80, 'p']) })
    const owners = generate(state([framework('m', web)]))
      .lines.filter((line) => line.includes(' SRV '))
      .map((line) => line.split(' ')[0])
    const views = ['m.mesos.', 'm.slave.mesos.']
    const wanted = services.flatMap((service) =>
      views.flatMap((view) => [`_web.${service}.${view}`, `_p._web.${service}.${view}`]),
    )
    assert.deepEqual(owners.sort(), wanted.sort(), protocol)
  }
})

test('a port name that no label can hold is none', () => {
  const web = task({ discovery: discovery('web', ['tcp', 80, '***']) })
  const zone = generate(state([framework('m', web)]))
  assert.deepEqual(
    zone.lines.filter((line) => line.includes('_tcp.m.mesos.')),
    ['_web._tcp.m.mesos. 60 SRV 0 1 80 web-e844k-s0.m.mesos.'],
  )
})

test('port numbers are kept as they are, and reported where they are none', () => {
  const web = task({
    discovery: discovery('web', ['tcp', 70000, ''], ['tcp', -5, ''], ['tcp', 0, '']),
  })
  const zone = generate(state([framework('m', web)]))
  assert.deepEqual(
    zone.of('_web._tcp.m.mesos.'),
    table(`
      _web._tcp.m.mesos. 60 SRV 0 1 70000 web-e844k-s0.m.mesos.
      _web._tcp.m.mesos. 60 SRV 0 1 -5    web-e844k-s0.m.mesos.
      _web._tcp.m.mesos. 60 SRV 0 1 0     web-e844k-s0.m.mesos.
    `),
  )
  assert.deepEqual(zone.problems, ['port-out-of-range web.1'])
})

test('SRV records carry the configured weight', () => {
  const zone = generate(state([framework('m', task({ ports: [31000] }))]), {
    config: { srvRecordDefaultWeight: 20 },
  })
  assert.deepEqual(zone.of('_web._tcp.m.mesos.'), [
    '_web._tcp.m.mesos. 60 SRV 0 20 31000 web-e844k-s0.m.slave.mesos.',
  ])
})

test('ports that are listed twice make one record', () => {
  const discovered = discovery('web', ['tcp', 31000, 'a'], ['tcp', 31000, 'b'], ['', 31000, ''])
  const zone = generate(
    state([framework('m', task({ ports: [31000, 31000], discovery: discovered }))]),
  )
  assert.deepEqual(
    zone.lines.filter((line) => line.startsWith('_')),
    [
      '_a._web._tcp.m.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.mesos.',
      '_a._web._tcp.m.slave.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.slave.mesos.',
      '_b._web._tcp.m.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.mesos.',
      '_b._web._tcp.m.slave.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.slave.mesos.',
      '_web._tcp.m.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.mesos.',
      '_web._tcp.m.slave.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.slave.mesos.',
      '_web._udp.m.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.mesos.',
      '_web._udp.m.slave.mesos. 60 SRV 0 1 31000 web-e844k-s0.m.slave.mesos.',
    ],
  )
})

test('only running tasks on known agents count', () => {
  const tasks = [
    task({ id: '1', name: 'staging', state: 'TASK_STAGING' }),
    task({ id: '2', name: 'killing', state: 'TASK_KILLING' }),
    task({ id: '3', name: 'lost', state: 'TASK_UNREACHABLE' }),
    task({ id: '4', name: 'nowhere', agentId: 'a-S9' }),
    task({ id: '5', name: 'here' }),
  ]
  const zone = generate(state([framework('m', ...tasks)]))
  assert.equal(zone.lines.length, 4)
  for (const line of zone.lines) assert.match(line, /^here/)
})

test('equal tasks, and tasks of equally named frameworks, share their names', () => {
  const zone = generate(
    state([
      framework('m', task(), task(), task({ id: 'web.2', agentId: 'a-S1' })),
      framework('M', task({ id: 'web.0', agentId: 'a-S1' })),
    ]),
  )
  assert.deepEqual(
    zone.lines.filter((line) => !line.includes('slave')),
    table(`
      web.m.mesos.          60 A 10.0.0.10
      web.m.mesos.          60 A 10.0.0.11
      web-e844k-s0.m.mesos. 60 A 10.0.0.10
      web-izm16-s1.m.mesos. 60 A 10.0.0.11
      web-q9rt1-s1.m.mesos. 60 A 10.0.0.11
    `),
  )
})

test('the canonical name ends in the lower-cased end of the agent id', () => {
  const agents = {
    plainId: '10.0.0.1:5051',
    'UP-CASE-S10': '10.0.0.2:5051',
    'end-': '10.0.0.3:5051',
  }
  const tasks = Object.keys(agents).map((agentId) => task({ agentId }))
  const names = generate(state([framework('m', ...tasks)], agents))
    .lines.map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith('web-') && !name.includes('slave'))
  assert.deepEqual(names, [
    'web-e844k-.m.mesos.',
    'web-e844k-plainid.m.mesos.',
    'web-e844k-s10.m.mesos.',
  ])
})

test('names of which nothing is left are listed with empty labels', () => {
  const zone = generate(state([framework('***', task({ name: '***', ports: [1] }))]))
  assert.deepEqual(
    zone.lines,
    table(`
      ..mesos.                 60 A   10.0.0.10
      -e844k-s0..mesos.        60 A   10.0.0.10
      ..slave.mesos.           60 A   10.0.0.10
      -e844k-s0..slave.mesos.  60 A   10.0.0.10
      _._tcp..mesos.           60 SRV 0 1 1 -e844k-s0..slave.mesos.
      _._udp..mesos.           60 SRV 0 1 1 -e844k-s0..slave.mesos.
      _._tcp..slave.mesos.     60 SRV 0 1 1 -e844k-s0..slave.mesos.
      _._udp..slave.mesos.     60 SRV 0 1 1 -e844k-s0..slave.mesos.
    `),
  )
})

test('RFC 952 shortens every mangled name, and no raw one', () => {
  const web = task({ discovery: discovery('1st-Application-of-the.Company', ['tcp', 80, '9p']) })
  const zone = generate(state([framework('2nd.m', web)]), { config: { enforceRfc952: true } })
  const owners = new Set(zone.lines.map((line) => line.split(' ')[0]))
  assert.ok(owners.has('st-application-of-the-co.nd.m.mesos.'))
  assert.ok(owners.has('1st-Application-of-the.Company.nd.m.mesos.'))
  assert.ok(owners.has('_p._st-application-of-the-co._tcp.nd.m.mesos.'))
})

test('a long name: its SRV records and canonical names are shortened, and their targets with them', () => {
  const zone = generate(state([framework('m', task({ name: x(63), ports: [31000] }))]))
  const service = `_${x(53)}-w8xkesn3`
  const [srv] = zone.of(`${service}._tcp.m.mesos.`)
  const target = srv?.split(' ').at(-1) ?? ''
  assert.match(target, /^x{54}-[a-z0-9]{8}\.m\.slave\.mesos\.$/)
  assert.deepEqual(zone.of(target), [`${target} 60 A 10.0.0.10`])
  assert.equal(zone.of(`${x(63)}.m.mesos.`).length, 1)
  assert.deepEqual(zone.problems, [`label-shortened ${x(63)}.m.mesos.`])
  for (const line of zone.lines) {
    for (const label of (line.split(' ')[0] ?? '').split('.')) assert.ok(label.length <= 63)
  }
})

test('names from 55 characters on no longer silence the answers they are in', () => {
  for (let length = 50; length <= 63; length++) {
    const zone = generate(state([framework('m', task({ name: x(length), ports: [31000] }))]))
    for (const line of zone.lines) assert.doesNotMatch(line, /[^. ]{64}/)
    assert.equal(zone.problems.length, length > 54 ? 1 : 0, `${length}`)
  }
})

test('raw discovery names are shortened label by label', () => {
  const web = task({ discovery: discovery(`${x(70)}.${'Y'.repeat(63)}.z`) })
  const owners = generate(state([framework('m', web)])).lines.map((line) => line.split(' ')[0])
  assert.ok(owners.some((name) => /^x{54}-[a-z0-9]{8}\.Y{63}\.z\.m\.mesos\.$/.test(name ?? '')))
})

test('names of more than 255 octets are left out, the rest is made', () => {
  const four = Array(4).fill(x(50)).join('.')
  const zone = generate(
    state([
      framework(
        four,
        task({ name: x(40), ports: [31000] }),
        task({ id: 'w', name: 'w', ports: [1] }),
      ),
    ]),
  )
  assert.deepEqual(
    zone.lines.filter((line) => (line.split(' ')[0] ?? '').length > 254),
    [],
  )
  // `_xxx._tcp.` would fit nowhere, and what it points to in `.slave` would not either.
  assert.deepEqual(zone.of(`_${x(40)}._tcp.${four}.mesos.`), [])
  assert.equal(zone.of(`_w._tcp.${four}.mesos.`).length, 1)
  assert.ok(zone.problems.every((problem) => problem.startsWith('name-too-long ')))
  assert.ok(zone.problems.length > 0)
})

test('no SRV record points to a name that is too long', () => {
  // `_w._tcp.…` fits where `w-hash-tail.….slave.…` does not.
  const name = [x(62), x(62), x(62), x(42)].join('.')
  const zone = generate(state([framework(name, task({ name: 'w', ports: [1] }))]))
  assert.deepEqual(
    zone.lines.filter((line) => line.includes(' SRV ')),
    [],
  )
  assert.equal(zone.of(`w.${name}.mesos.`).length, 1)
})

test('an agent whose host name has no address: its tasks keep what they have themselves', () => {
  const web = task({ ports: [31000], statuses: [status({ networkAddresses: ['172.16.0.1'] })] })
  const agents = { 'a-S0': 'agent0.example:5051' }
  const zone = generate(state([framework('m', web, task({ id: '2', name: 'host' }))], agents))
  assert.deepEqual(
    zone.lines.filter((line) => line.includes(' A ')),
    table(`
      web.m.mesos.          60 A 172.16.0.1
      web-e844k-s0.m.mesos. 60 A 172.16.0.1
    `),
  )
  assert.equal(zone.of('_web._tcp.m.slave.mesos.').length, 1)
  assert.deepEqual(zone.problems, ['host-unresolved agent0.example'])
})
