import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf, servicesOf } from '../../src/http/lookup.ts'
import { RecordSet } from '../../src/records/record-set.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { config } from './setup.ts'

const records = new RecordSet()
records.add('A', 'web.mesos.', '10.0.0.1')
records.add('A', 'web.mesos.', '10.0.0.2')
records.add('AAAA', 'web.mesos.', '2001:db8::1', 30)
records.add('CNAME', 'www.mesos.', 'Web.mesos.', 5)
records.add('CNAME', 'away.mesos.', 'www.example.com.')
records.add('CNAME', 'loop-a.mesos.', 'loop-b.mesos.')
records.add('CNAME', 'loop-b.mesos.', 'loop-a.mesos.')
records.add('SRV', '_web._tcp.mesos.', '10 256 8080 gone.mesos.')
records.add('SRV', '_web._tcp.mesos.', '0 1 80 web.mesos.')
records.add('CNAME', '_alias._tcp.mesos.', '_web._tcp.mesos.', 7)
const zone = zoneOf(records, config(), 1)

test('addresses: IPv4 first, the smallest TTL of the sets', () => {
  assert.deepEqual(addressesOf(zone, 'web.mesos.'), {
    canonicalName: 'web.mesos.',
    ttl: 30,
    addresses: ['10.0.0.1', '10.0.0.2', '2001:db8::1'],
  })
})

test('addresses: a CNAME is followed and its TTL counts', () => {
  const { canonicalName, ttl, addresses } = addressesOf(zone, 'www.mesos.')
  assert.equal(canonicalName, 'web.mesos.')
  assert.equal(ttl, 5)
  assert.equal(addresses.length, 3)
})

test('addresses: a CNAME out of the zone exists without addresses', () => {
  assert.deepEqual(addressesOf(zone, 'away.mesos.'), {
    canonicalName: 'www.example.com.',
    ttl: 60,
    addresses: [],
  })
})

test('addresses: CNAMEs in a circle end', () => {
  assert.deepEqual(addressesOf(zone, 'loop-a.mesos.').addresses, [])
})

test('addresses: nothing there', () => {
  const nothing = { canonicalName: 'nope.mesos.', ttl: undefined, addresses: [] }
  assert.deepEqual(addressesOf(zone, 'nope.mesos.'), nothing)
})

test('services: rdata taken apart, the most preferred first', () => {
  assert.deepEqual(servicesOf(zone, '_web._tcp.mesos.'), {
    canonicalName: '_web._tcp.mesos.',
    ttl: 60,
    services: [
      { priority: 0, weight: 1, port: 80, target: 'web.mesos.' },
      { priority: 10, weight: 256, port: 8080, target: 'gone.mesos.' },
    ],
  })
})

test('services: CNAMEs are followed here too', () => {
  const { canonicalName, ttl, services } = servicesOf(zone, '_alias._tcp.mesos.')
  assert.equal(canonicalName, '_web._tcp.mesos.')
  assert.equal(ttl, 7)
  assert.equal(services.length, 2)
})
