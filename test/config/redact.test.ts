import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig, publicConfig, redactZk } from '../../src/config/index.ts'
import { settings } from '../../src/config/schema.ts'
import { fileWith } from './complaints.ts'

test('the keys of Mesos-DNS in its order, then ours', () => {
  const shown = publicConfig(parseConfig(fileWith({})).config, 42)
  assert.deepEqual(Object.entries(shown).slice(0, 17), [
    ['RefreshSeconds', 60],
    ['Port', 53],
    ['Timeout', 5],
    ['StateTimeoutSeconds', 300],
    ['ZkDetectionTimeout', 30],
    ['HttpPort', 8123],
    ['TTL', 60],
    ['SRVRecordDefaultWeight', 1],
    ['SOASerial', 42],
    ['SOARefresh', 60],
    ['SOARetry', 600],
    ['SOAExpire', 86400],
    ['SOAMinttl', 60],
    ['SOAMname', 'ns1.mesos.'],
    ['SOARname', 'root.ns1.mesos.'],
    ['Masters', ['10.0.0.1:5050']],
    ['ZoneResolvers', {}],
  ])
  const keys = Object.keys(shown)
  const first = keys.indexOf('MesosAuthentication') + 1
  assert.deepEqual(keys.slice(first, first + 4), ['ZkStrict', 'ZkTLS', 'Updates', 'AuditSeconds'])
  assert.equal(keys.length, Object.keys(settings).length + 2, 'every setting, the serial, the file')
  assert.ok(keys.every((key) => /^[A-Z]/.test(key)))
})

test('as Mesos-DNS shows it: no masters is null, port 53 goes without saying', () => {
  const text = JSON.stringify({
    zk: 'zk://h/mesos',
    resolvers: ['9.9.9.9', '9.9.9.9:54', '::1'],
    zoneResolvers: { a: ['[::1]:53'] },
  })
  const shown = publicConfig(parseConfig(text, { file: '/c.json' }).config)
  assert.equal(shown['Masters'], null)
  assert.deepEqual(shown['Resolvers'], ['9.9.9.9', '9.9.9.9:54', '::1'])
  assert.deepEqual(shown['ZoneResolvers'], { a: ['::1'] })
  assert.equal(shown['File'], '/c.json')
})

test('one listener is a string, as in Mesos-DNS; several are a list', () => {
  const shown = (listener: unknown) =>
    publicConfig(parseConfig(fileWith({ listener })).config)['Listener']
  assert.equal(shown('0.0.0.0'), '0.0.0.0')
  assert.equal(shown(['10.0.0.1']), '10.0.0.1')
  assert.deepEqual(shown(['10.0.0.1', '::1']), ['10.0.0.1', '::1'])
})

test('secrets are masked, and there is none where none is set', () => {
  const shown = publicConfig(
    parseConfig(
      fileWith({
        zk: 'zk://mesos:geheim@h/mesos',
        mesosAuthentication: 'basic',
        mesosCredentials: { principal: 'p', secret: 'geheim' },
        cookieSecret: 'c0ffee'.padEnd(32, '0'),
      }),
    ).config,
  )
  assert.doesNotMatch(JSON.stringify(shown), /geheim|c0ffee/)
  assert.equal(shown['Zk'], 'zk://***@h/mesos')
  assert.deepEqual(shown['MesosCredentials'], { Principal: 'p', Secret: '***' })
  assert.equal(shown['CookieSecret'], '***')
  const none = publicConfig(parseConfig(fileWith({})).config)
  assert.deepEqual(none['MesosCredentials'], { Principal: '', Secret: '' })
  assert.equal(none['CookieSecret'], '')
})

test('redactZk masks credentials and nothing else', () => {
  for (const [text, shown] of [
    ['zk://u:p@h1,h2/mesos', 'zk://***@h1,h2/mesos'],
    ['zk://u:p@q/r@h/mesos', 'zk://***@h/mesos'],
    ['zk://u@h/mesos', 'zk://***@h/mesos'],
    ['zk://h/mesos', 'zk://h/mesos'],
    ['master@10.0.0.1:5050', 'master@10.0.0.1:5050'],
    ['', ''],
  ]) {
    assert.equal(redactZk(text ?? ''), shown)
  }
})
