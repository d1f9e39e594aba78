import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StaticRecord } from '../../src/config/schema.ts'
import { framework, generate, state, table, task } from './cluster.ts'

/** `name [ttl] type rdata`. */
function parse(line: string): StaticRecord {
  const [, name = '', ttl, type, rdata = ''] = /^(\S+) (?:(\d+) )?(\S+) (.*)$/.exec(line) ?? []
  return { name, ttl: ttl === undefined ? undefined : Number(ttl), type: type as 'A', rdata }
}

function zone(...lines: string[]) {
  return generate(state([framework('m', task())]), { config: { staticRecords: lines.map(parse) } })
}

test('records of every type come as written', () => {
  const text = `
    api.mesos.       300 A     192.0.2.1
    api.mesos.       300 AAAA  2001:db8::1
    _api._tcp.mesos. 60  SRV   10 5 443 api.mesos.
    api.mesos.       60  TXT   two words
    www.mesos.       5   CNAME api.mesos.
    mesos.           60  A     192.0.2.2
  `
  const lines = zone(...table(text)).lines
  for (const line of table(text)) assert.ok(lines.includes(line), line)
})

test('they join sets that are there', () => {
  assert.deepEqual(
    zone('web.m.mesos. A 192.0.2.1', 'web.m.mesos. A 10.0.0.10').of('web.m.mesos.'),
    table(`
      web.m.mesos. 60 A 10.0.0.10
      web.m.mesos. 60 A 192.0.2.1
    `),
  )
})

test('a set has the lower TTL of its records and the default', () => {
  const ttl = (...lines: string[]) =>
    zone(...lines)
      .of('web.m.mesos.')[0]
      ?.split(' ')[1]
  assert.equal(ttl('web.m.mesos. 3600 A 192.0.2.1'), '60')
  assert.equal(ttl('web.m.mesos. 5 A 192.0.2.1'), '5')
  const alone = (...lines: string[]) =>
    zone(...lines)
      .of('a.mesos.')[0]
      ?.split(' ')[1]
  assert.equal(alone('a.mesos. 3600 A 192.0.2.1'), '3600')
  assert.equal(alone('a.mesos. 3600 A 192.0.2.1', 'a.mesos. A 192.0.2.2'), '60')
  assert.equal(alone('a.mesos. A 192.0.2.1', 'a.mesos. 3600 A 192.0.2.2'), '60')
  assert.equal(alone('a.mesos. 3600 A 192.0.2.1', 'a.mesos. 600 A 192.0.2.2'), '600')
})

test('a CNAME gives way to anything that has its name', () => {
  for (const name of [
    'web.m.mesos.',
    'web.m.slave.mesos.',
    'slave.mesos.',
    'mesos.',
    'txt.mesos.',
  ]) {
    const { lines, problems } = zone(`${name} CNAME other.example.`, 'txt.mesos. TXT x')
    assert.deepEqual(
      lines.filter((line) => line.includes('CNAME')),
      [],
      name,
    )
    assert.deepEqual(problems, [`static-conflict ${name}`])
  }
})

test('of two CNAMEs of a name the first stays', () => {
  const { lines, problems } = zone('www.mesos. CNAME a.mesos.', 'www.mesos. CNAME b.mesos.')
  assert.deepEqual(
    lines.filter((line) => line.includes('CNAME')),
    ['www.mesos. 60 CNAME a.mesos.'],
  )
  assert.deepEqual(problems, ['static-conflict www.mesos.'])
})

test('a name of more than 255 octets is left out', () => {
  const name = `${`${'x'.repeat(49)}.`.repeat(5)}mesos.`
  for (const type of ['A 192.0.2.1', 'CNAME a.mesos.']) {
    assert.deepEqual(zone(`${name} ${type}`).problems, [`name-too-long ${name}`])
    assert.deepEqual(zone(`${name} ${type}`).of(name), [])
  }
})
