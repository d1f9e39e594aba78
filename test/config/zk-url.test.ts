import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConfigError, parseZkUrl } from '../../src/config/index.ts'
import { Fault } from '../../src/config/issue.ts'
import { readZkUrl } from '../../src/config/zk-url.ts'

const zookeeper = (hosts: readonly string[], path: string) => ({
  kind: 'zookeeper',
  hosts: hosts.map((text) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? []
    return { host, port: Number(port) }
  }),
  path,
})

test('forms of a ZooKeeper URL', () => {
  assert.deepEqual(parseZkUrl('zk://10.0.0.1:2181/mesos'), zookeeper(['10.0.0.1:2181'], '/mesos'))
  assert.deepEqual(parseZkUrl('zk://zk-1.zk/a/b//'), zookeeper(['zk-1.zk:2181'], '/a/b'))
  assert.deepEqual(
    parseZkUrl('zk://h1:2181, h2,[2001:db8::0:1]:99,[::1],h2:2181/mesos/'),
    zookeeper(['h1:2181', 'h2:2181', '2001:db8::1:99', '::1:2181'], '/mesos'),
  )
})

test('credentials are kept as they are, the last @ ends them', () => {
  for (const [userinfo, user, password] of [
    ['mesos:secret', 'mesos', 'secret'],
    ['mesos:se:cr@et%40', 'mesos', 'se:cr@et%40'],
    ['mesos:', 'mesos', ''],
  ]) {
    assert.deepEqual(parseZkUrl(`zk://${userinfo}@h/mesos`), {
      ...zookeeper(['h:2181'], '/mesos'),
      auth: { user, password },
    })
  }
})

test('one master', () => {
  const standalone = (host: string, port: number) => ({
    kind: 'standalone',
    master: { host, port },
  })
  assert.deepEqual(parseZkUrl('10.0.0.1:5050'), standalone('10.0.0.1', 5050))
  assert.deepEqual(parseZkUrl('master@10.0.0.1:5050'), standalone('10.0.0.1', 5050))
  assert.deepEqual(parseZkUrl('[::1]:5050'), standalone('::1', 5050))
  assert.deepEqual(parseZkUrl('m1.example:5050'), standalone('m1.example', 5050))
})

const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['zk://h', 'names no znode'],
  ['zk://h/', 'names no znode'],
  ['zk://h//', 'names no znode'],
  ['zk:///mesos', 'has no valid host[:port] as server 1'],
  ['zk://h,/mesos', 'has no valid host[:port] as server 2'],
  ['zk://h:0/mesos', 'has no valid host[:port] as server 1'],
  ['zk://h:70000/mesos', 'has no valid host[:port] as server 1'],
  ['zk://h:x/mesos', 'has no valid host[:port] as server 1'],
  ['zk://10.0.0/mesos', 'has no valid host[:port] as server 1'],
  ['zk://::1/a//b', 'has an empty part in its path'],
  ['zk://mesos@h/mesos', 'has a user without a password'],
  ['zk://:pw@h/mesos', 'has a user without a password'],
  ['http://h:5050', 'has an unknown scheme'],
  ['ZK://h/mesos', 'has an unknown scheme'],
  ['h', 'is neither a ZooKeeper URL nor the host:port of a master'],
  ['h:0', 'is neither a ZooKeeper URL nor the host:port of a master'],
  ['', 'is neither a ZooKeeper URL nor the host:port of a master'],
]

for (const [text, message] of REFUSED) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    const url = readZkUrl(text)
    assert.ok(url instanceof Fault)
    assert.equal(url.message, message)
    assert.match(url.fix, /zk:\/\//)
  })
}

test('parseZkUrl throws what it finds, without the password', () => {
  assert.throws(
    () => parseZkUrl('zk://mesos:geheim@h'),
    (error) =>
      error instanceof ConfigError &&
      error.message.startsWith('configuration: zk = "zk://***@h": names no znode; '),
  )
})

test('any text is a URL or a fault', () => {
  const piece = fc.constantFrom(
    'zk://',
    'file://',
    ':',
    '@',
    '/',
    ',',
    '[',
    ']',
    '1',
    'h',
    '::1',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const url = readZkUrl(pieces.join(''))
      if (url instanceof Fault) return
      const hosts = url.kind === 'zookeeper' ? url.hosts : [url.master]
      assert.ok(hosts.length > 0 && hosts.every(({ port }) => port > 0 && port < 65536))
    }),
    { numRuns: 2000 },
  )
})
