import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullName, isInZone, nameFault } from '../../../src/http/v2/name.ts'

const label63 = 'a'.repeat(63)

for (const name of [
  'mesos',
  'leader.mesos',
  'leader.mesos.',
  'LEADER.Mesos',
  '_web._tcp.marathon.mesos',
  'c++.marathon.mesos',
  'a.*.mesos',
  `${label63}.mesos`,
  `${`${label63}.`.repeat(3)}${'a'.repeat(61)}`,
  `${`${label63}.`.repeat(3)}${'a'.repeat(61)}.`,
]) {
  test(`a name: ${name.slice(0, 30)}`, () => assert.equal(nameFault(name), undefined))
}

for (const [name, fault] of [
  ['', /empty label/],
  ['.', /empty label/],
  ['a..b', /empty label/],
  ['.mesos', /empty label/],
  ['mesos..', /empty label/],
  ['a b.mesos', /printable ASCII/],
  ['a\tb', /printable ASCII/],
  ['a\u0000b', /printable ASCII/],
  ['a\\.b', /no backslashes/],
  ['grüße.mesos', /printable ASCII/],
  ['mesos\n', /printable ASCII/],
  [`${label63}a.mesos`, /a label has 64 octets, 63 are possible/],
  [`${`${label63}.`.repeat(3)}${'a'.repeat(62)}`, /it has 254 octets, 253 are possible/],
] as const) {
  test(`not a name: ${JSON.stringify(name).slice(0, 30)}`, () => {
    assert.match(nameFault(name) ?? '', fault)
  })
}

test('a full name is lower case with the dot at the end', () => {
  assert.equal(fullName('Leader.MESOS'), 'leader.mesos.')
  assert.equal(fullName('leader.mesos.'), 'leader.mesos.')
})

for (const [name, domain, inside] of [
  ['mesos.', 'mesos', true],
  ['leader.mesos.', 'mesos', true],
  ['leadermesos.', 'mesos', false],
  ['mesos.example.com.', 'mesos', false],
  ['a.dc1.example.', 'dc1.example', true],
  ['dc1.example.org.', 'dc1.example', false],
] as const) {
  test(`${name} is ${inside ? '' : 'not '}in ${domain}`, () => {
    assert.equal(isInZone(name, domain), inside)
  })
}
