import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint, generate, state, table } from './cluster.ts'

const hosts = new Map([
  ['m1.example', ['10.0.0.1']],
  ['m2.example', ['10.0.0.2', '2001:db8::2']],
])

function masters(leader: string | undefined, ...list: string[]) {
  return generate(state([], {}, leader), { masters: list.map((text) => endpoint(text)), hosts })
}

test('without a leader there are no masters', () => {
  assert.deepEqual(masters(undefined, '10.0.0.1:5050').lines, [])
})

test('leader, master, masterN and the port of the leader', () => {
  const { lines, problems } = masters(
    '10.0.0.2:5051',
    '10.0.0.1:5050',
    '10.0.0.2:5051',
    '10.0.0.3:5050',
  )
  assert.deepEqual(
    lines,
    table(`
      leader.mesos.       60 A   10.0.0.2
      master.mesos.       60 A   10.0.0.1
      master.mesos.       60 A   10.0.0.2
      master.mesos.       60 A   10.0.0.3
      master0.mesos.      60 A   10.0.0.1
      master1.mesos.      60 A   10.0.0.2
      master2.mesos.      60 A   10.0.0.3
      _leader._tcp.mesos. 60 SRV 0 1 5051 leader.mesos.
      _leader._udp.mesos. 60 SRV 0 1 5051 leader.mesos.
    `),
  )
  assert.deepEqual(problems, [])
})

/** Only the numbered names, as `N address`. */
function numbered(leader: string, ...list: string[]): string[] {
  return masters(leader, ...list)
    .lines.filter((line) => /^master\d/.test(line))
    .map((line) => line.replace(/^master(\d+)\.mesos\. 60 A+ /, '$1 '))
}

test('numbers follow the list, whoever leads', () => {
  const list = ['10.0.0.1:5050', '10.0.0.2:5050', '10.0.0.3:5050']
  for (const leader of list) {
    assert.deepEqual(numbered(leader, ...list), ['0 10.0.0.1', '1 10.0.0.2', '2 10.0.0.3'])
  }
})

test('a leader that is not listed comes last, and is reported if others are', () => {
  assert.deepEqual(numbered('10.0.0.9:5050', '10.0.0.1:5050'), ['0 10.0.0.1', '1 10.0.0.9'])
  assert.deepEqual(masters('10.0.0.9:5050', '10.0.0.1:5050').problems, [
    'leader-not-listed 10.0.0.9',
  ])
  assert.deepEqual(numbered('10.0.0.9:5050'), ['0 10.0.0.9'])
  assert.deepEqual(masters('10.0.0.9:5050').problems, [])
})

test('whoever is listed twice has one number', () => {
  const [a, b] = ['10.0.0.1:5050', '10.0.0.2:5050']
  assert.deepEqual(numbered(a, b, b, a, a), ['0 10.0.0.2', '1 10.0.0.1'])
  // The leader under another port is the leader, who is not in the list.
  assert.deepEqual(numbered('10.0.0.1:5051', a, b), ['0 10.0.0.2', '1 10.0.0.1'])
})

test('masters and the leader may be host names', () => {
  assert.deepEqual(numbered('10.0.0.1:5050', 'm2.example:5050', 'm1.example:5050'), [
    '0 10.0.0.2',
    '0 2001:db8::2',
    '1 10.0.0.1',
  ])
  assert.deepEqual(numbered('m2.example:5050', '10.0.0.1:5050', '[2001:db8::2]:5050'), [
    '0 10.0.0.1',
    '1 2001:db8::2',
  ])
})

test('a master that cannot be resolved keeps its number free', () => {
  const { lines, problems } = masters(
    '10.0.0.1:5050',
    '10.0.0.1:5050',
    'm9.example:5050',
    '10.0.0.3:5050',
  )
  assert.deepEqual(
    lines.filter((line) => /^master\d/.test(line)),
    ['master0.mesos. 60 A 10.0.0.1', 'master2.mesos. 60 A 10.0.0.3'],
  )
  assert.deepEqual(problems, ['host-unresolved m9.example'])
})

test('a leader that cannot be resolved is as good as none', () => {
  const { lines, problems } = masters('m9.example:5050', '10.0.0.1:5050')
  assert.deepEqual(lines, [])
  assert.deepEqual(problems, ['host-unresolved m9.example'])
})

test('a master where the name server listens has no number if that is called master, too', () => {
  const { lines } = generate(state([], {}, '10.0.0.1:5050'), {
    masters: ['10.0.0.1:5050', '10.0.0.2:5050', '10.0.0.3:5050'].map(endpoint),
    listenerAddresses: ['10.0.0.2'],
    config: { soaMname: 'master.mesos.' },
  })
  assert.deepEqual(
    lines.filter((line) => /^master\d/.test(line)),
    ['master0.mesos. 60 A 10.0.0.1', 'master1.mesos. 60 A 10.0.0.3'],
  )
})
