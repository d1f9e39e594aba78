import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RecordSet } from '../../src/records/record-set.ts'

const OWNER = 'web.mesos.'

test('a record is added once', () => {
  const records = new RecordSet()
  assert.equal(records.add('A', OWNER, '10.0.0.1'), true)
  assert.equal(records.add('A', OWNER, '10.0.0.1'), false)
  assert.equal(records.add('A', OWNER, '10.0.0.2'), true)
  assert.equal(records.add('TXT', OWNER, '10.0.0.1'), true)
  assert.deepEqual(records.get('A', OWNER)?.rdata, ['10.0.0.1', '10.0.0.2'])
  assert.equal(records.count(), 3)
  assert.equal(records.count('A'), 2)
  assert.equal(records.get('AAAA', OWNER), undefined)
})

test('names are found whatever their type', () => {
  const records = new RecordSet()
  records.add('SRV', '_web._tcp.mesos.', '0 1 80 web.mesos.')
  assert.equal(records.has('_web._tcp.mesos.'), true)
  assert.equal(records.has('_WEB._tcp.mesos.'), false)
})

test('a set has the lowest TTL of those given', () => {
  const records = new RecordSet()
  const ttl = () => records.get('A', OWNER)?.ttl
  records.add('A', OWNER, '10.0.0.1')
  assert.equal(ttl(), undefined)
  records.add('A', OWNER, '10.0.0.2', 30)
  assert.equal(ttl(), 30)
  records.add('A', OWNER, '10.0.0.3', 300)
  assert.equal(ttl(), 30)
  records.add('A', OWNER, '10.0.0.1', 5)
  assert.equal(ttl(), 5)
})

test('sets of one type come in the order of their names', () => {
  const records = new RecordSet()
  for (const name of ['b.', 'a.', 'b.', 'c.']) records.add('A', name, '10.0.0.1')
  assert.deepEqual(
    Array.from(records.ofType('A'), ({ name }) => name),
    ['b.', 'a.', 'c.'],
  )
})

test('however long a set grows, it is one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 }), (numbers) => {
      const records = new RecordSet()
      const seen = new Set<string>()
      for (const number of numbers) {
        const rdata = `10.0.0.${number}`
        assert.equal(records.add('A', OWNER, rdata), !seen.has(rdata))
        seen.add(rdata)
      }
      assert.deepEqual(records.get('A', OWNER)?.rdata ?? [], [...seen])
    }),
  )
})
