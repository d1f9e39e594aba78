import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordsOf, typesOf } from '../../src/zone/lookup.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { recordSet } from '../presentation.ts'

test('a zone has exactly the records of a set that can be asked for', () => {
  const zone = zoneOf(
    recordSet([
      'web.marathon.mesos. - A 10.0.0.2',
      'web.marathon.mesos. - A 10.0.0.1',
      'web.marathon.mesos. 5 AAAA fd00::1',
      '_web._tcp.marathon.mesos. - SRV 0 1 31000 web.marathon.mesos.',
      '_web._tcp.marathon.mesos. - SRV 0 1 31000 no(name.marathon.mesos.',
      'www.mesos. 300 CNAME web.marathon.mesos.',
      'Raw.marathon.mesos. - A 10.0.0.1',
      'ns1.elsewhere. - A 10.0.0.1',
      '1.0.0.10.in-addr.arpa. - PTR web.marathon.mesos.',
    ]),
    defaultConfig(),
    4_294_967_295,
  )
  assert.equal(zone.serial, 4_294_967_295)
  assert.equal(zone.records, 6)
  assert.deepEqual(recordsOf(zone, 'A', 'web.marathon.mesos.'), {
    name: 'web.marathon.mesos.',
    type: 'A',
    ttl: 60,
    rdata: ['10.0.0.1', '10.0.0.2'],
  })
  assert.equal(recordsOf(zone, 'AAAA', 'web.marathon.mesos.')?.ttl, 5)
  assert.deepEqual(recordsOf(zone, 'SRV', '_web._tcp.marathon.mesos.')?.rdata, [
    '0 1 31000 web.marathon.mesos.',
  ])
  assert.equal(recordsOf(zone, 'CNAME', 'www.mesos.')?.ttl, 300)
  assert.deepEqual(typesOf(zone, '1.0.0.10.in-addr.arpa.'), ['PTR'])
  // mesos, marathon, _tcp, _web, web, www and the reverse name
  assert.equal(zone.names, 7)
})
