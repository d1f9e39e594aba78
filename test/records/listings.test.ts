// The bodies of /v1/axfr and /v1/enumerate.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axfrBody } from '../../src/records/axfr.ts'
import { enumerate } from '../../src/records/enumerate.ts'
import { generateRecords } from '../../src/records/generate.ts'
import { RecordSet } from '../../src/records/record-set.ts'
import { parseSrv, srvHostPort, srvRdata } from '../../src/records/srv.ts'
import { framework, input, state, status, task } from './cluster.ts'

const zone = {
  ttl: 60,
  serial: 7,
  refreshSeconds: 30,
  mname: 'ns1.mesos.',
  rname: 'root.ns1.mesos.',
  domain: 'mesos',
}

test('axfr: keys in the order of Mesos-DNS, names sorted, SRV as host and port', () => {
  const records = new RecordSet()
  records.add('A', 'b.mesos.', '10.0.0.2')
  records.add('A', 'b.mesos.', '10.0.0.1')
  records.add('A', '\u{1f600}.mesos.', '10.0.0.3')
  records.add('A', '\uff5e.mesos.', '10.0.0.4')
  records.add('A', '.mesos.', '10.0.0.5')
  records.add('AAAA', 'a.mesos.', '2001:db8::1')
  records.add('SRV', '_b._tcp.mesos.', '0 1 70000 has space.mesos.')
  records.add('TXT', 'a.mesos.', 'not listed')
  assert.equal(
    JSON.stringify(axfrBody(records, zone)),
    JSON.stringify({
      TTL: 60,
      Serial: 7,
      RefreshSeconds: 30,
      Mname: 'ns1.mesos.',
      Rname: 'root.ns1.mesos.',
      Domain: 'mesos',
      Records: {
        As: {
          '.mesos.': ['10.0.0.5'],
          'b.mesos.': ['10.0.0.2', '10.0.0.1'],
          '\uff5e.mesos.': ['10.0.0.4'],
          '\u{1f600}.mesos.': ['10.0.0.3'],
        },
        AAAAs: { 'a.mesos.': ['2001:db8::1'] },
        SRVs: { '_b._tcp.mesos.': ['has space.mesos.:70000'] },
      },
    }),
  )
})

test('axfr of nothing has empty maps', () => {
  assert.deepEqual(axfrBody(new RecordSet(), zone).Records, { As: {}, AAAAs: {}, SRVs: {} })
})

test('SRV rdata is read as it is written', () => {
  assert.deepEqual(parseSrv(srvRdata(20, -5, 'a b.mesos.')), {
    priority: 0,
    weight: 20,
    port: -5,
    target: 'a b.mesos.',
  })
  assert.equal(srvHostPort('10 5 443 api.mesos.'), 'api.mesos.:443')
})

test('enumerate lists the records of each task in the order they are made', () => {
  const web = task({ name: 'Web', ports: [31000] })
  const name = (of: string) => `${of}.m.mesos.`
  const record = (name: string, host: string, rtype: string) => ({ name, host, rtype })
  const target = 'web-e844k-s0.m.slave.mesos.'
  assert.deepEqual(enumerate(input(state([framework('M', web)]))), {
    frameworks: [
      {
        tasks: [
          {
            name: 'Web',
            id: 'web.1',
            records: [
              record(name('web'), '10.0.0.10', 'A'),
              record(name('web-e844k-s0'), '10.0.0.10', 'A'),
              record('web.m.slave.mesos.', '10.0.0.10', 'A'),
              record(target, '10.0.0.10', 'A'),
              record('_web._tcp.m.slave.mesos.', `${target}:31000`, 'SRV'),
              record('_web._udp.m.slave.mesos.', `${target}:31000`, 'SRV'),
              record('_web._tcp.m.mesos.', `${target}:31000`, 'SRV'),
              record('_web._udp.m.mesos.', `${target}:31000`, 'SRV'),
            ],
          },
        ],
        name: 'M',
      },
    ],
  })
})

test('enumerate: without frameworks null, without tasks an empty list, without records null', () => {
  assert.deepEqual(enumerate(input(state([]))), { frameworks: null })
  assert.deepEqual(enumerate(input(state([framework('m', task({ state: 'TASK_FAILED' }))]))), {
    frameworks: [{ tasks: [], name: 'm' }],
  })
  const [listed] = enumerate(input(state([framework('m', task(), task())]))).frameworks ?? []
  assert.deepEqual(
    listed?.tasks?.map(({ records }) => records?.length ?? null),
    [4, null],
  )
})

test('enumerate: each record of the tasks is listed once, under every policy', () => {
  const tasks = Array.from({ length: 12 }, (_, i) =>
    task({
      id: `${i}`,
      name: `t${i % 4}`,
      ports: [i],
      statuses: [status({ healthy: i % 3 === 0 })],
    }),
  )
  for (const health of ['include', 'exclude', 'require'] as const) {
    const given = input(state([framework('m', ...tasks), framework('m.slave', ...tasks)]), {
      config: { health },
    })
    const listed = (enumerate(given).frameworks ?? [])
      .flatMap(({ tasks }) => tasks ?? [])
      .flatMap(({ records }) => records ?? [])
      .map(({ name, host, rtype }) => `${name} ${rtype} ${host}`)
    const made = [...generateRecords(given)]
      .filter(({ name }) => /\.m\./.test(name))
      .flatMap(({ name, type, rdata }) =>
        rdata.map((text) => `${name} ${type} ${type === 'SRV' ? srvHostPort(text) : text}`),
      )
    assert.deepEqual(listed.sort(), made.sort())
  }
})

test('enumerate reports no problem a second time', () => {
  const given = input(state([framework('m', task({ name: 'x'.repeat(63) }))]))
  enumerate(given)
  assert.deepEqual(given.report.problems, [])
})
