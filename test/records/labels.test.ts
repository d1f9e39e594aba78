import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rfc952, rfc1123 } from '../../src/records/labels.ts'
import { SKIP, zones } from './mesos-dns.ts'

const long = (length: number) => 'x'.repeat(length)

test('RFC 1123 labels', () => {
  const table: [text: string, label: string][] = [
    ['', ''],
    ['web', 'web'],
    ['Web_App.v2', 'web-app-v2'],
    ['two words & more', 'twowordsmore'],
    ['--x--', 'x'],
    ['.x.', 'x'],
    ['7up', '7up'],
    ['7', '7'],
    ['***', ''],
    ['größe', 'gre'],
    ['ﬁ', ''],
    ['\u212a', ''],
    ['x😀y', 'xy'],
    ['tab\there', 'tabhere'],
    [long(63), long(63)],
    [long(64), long(63)],
    [`${long(62)}-`, long(62)],
    [`${long(62)}-y`, `${long(62)}y`],
    [`${long(61)}--yz`, `${long(61)}yz`],
    [`x${'-'.repeat(62)}y`, 'xy'],
    [`${long(60)}---a--b`, `${long(60)}a--`],
  ]
  for (const [text, label] of table) assert.equal(rfc1123.label(text), label, JSON.stringify(text))
})

test('RFC 952 labels begin with a letter and have at most 24 characters', () => {
  const table: [text: string, label: string][] = [
    ['7up', 'up'],
    ['7-8-9', ''],
    ['-1-a1', 'a1'],
    [long(25), long(24)],
    [`${long(23)}-yz`, `${long(23)}y`],
    [`${long(22)}--y-`, `${long(22)}y-`],
    ['a-b', 'a-b'],
  ]
  for (const [text, label] of table) assert.equal(rfc952.label(text), label, JSON.stringify(text))
})

test('domain fragments keep dots and lose empty labels', () => {
  const table: [text: string, rfc1123: string, rfc952: string][] = [
    ['', '', ''],
    ['..', '', ''],
    ['Team.Prod.Marathon_1', 'team.prod.marathon-1', 'team.prod.marathon-1'],
    ['a..b.', 'a.b', 'a.b'],
    ['chronos-2.0.1', 'chronos-2.0.1', 'chronos-2'],
    ['группа.Pod-Scheduler', 'pod-scheduler', 'pod-scheduler'],
    [`${long(70)}.y`, `${long(63)}.y`, `${long(24)}.y`],
  ]
  for (const [text, modern, old] of table) {
    assert.equal(rfc1123.domainFragment(text), modern, text)
    assert.equal(rfc952.domainFragment(text), old, text)
  }
})

/** Texts of the characters that matter, and any others. */
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '-', '.', '_', ' ', 'é'), maxLength: 150 }),
  fc.string({ unit: fc.constantFrom('x', '-'), minLength: 55, maxLength: 80 }),
)

for (const [standard, rules, max, first] of [
  ['RFC 1123', rfc1123, 63, /^[a-z0-9]/],
  ['RFC 952', rfc952, 24, /^[a-z]/],
] as const) {
  test(`${standard}: any text becomes a label or nothing`, () => {
    fc.assert(
      fc.property(name, (text) => {
        const label = rules.label(text)
        assert.match(label, /^[a-z0-9-]*$/)
        assert.ok(label.length <= max)
        if (label !== '') assert.match(label, first)
      }),
    )
  })

  test(`${standard}: a label is its own label, unless characters that moved up end in a dash`, () => {
    fc.assert(
      fc.property(name, (text) => {
        const label = rules.label(text)
        if (!label.endsWith('-')) assert.equal(rules.label(label), label)
        else assert.ok(text.replace(/[^A-Za-z0-9._-]/gu, '').length > max)
      }),
    )
  })

  test(`${standard}: case and deleted characters make no difference`, () => {
    fc.assert(
      fc.property(name, (text) => {
        const ascii = text.replace(/[^A-Za-z0-9._-]/gu, '')
        assert.equal(rules.label(ascii), rules.label(text))
        assert.equal(rules.label(ascii.toUpperCase()), rules.label(text))
      }),
    )
  })

  test(`${standard}: a domain fragment is made of labels that are not empty`, () => {
    fc.assert(
      fc.property(name, (text) => {
        const fragment = rules.domainFragment(text)
        if (fragment === '') return
        for (const part of fragment.split('.')) assert.match(part, first)
        assert.equal(fragment, text.split('.').map(rules.label).filter(Boolean).join('.'))
      }),
    )
  })
}

test('labels are those of Mesos-DNS', (t) => {
  const cases = zones()?.labelCases
  if (cases === undefined) return t.skip(SKIP)
  for (const [text, want] of cases.RFC1123) assert.equal(rfc1123.label(text), want, text)
  for (const [text, want] of cases.RFC952) assert.equal(rfc952.label(text), want, text)
  for (const [text, want] of cases.DomainFrag_RFC1123) {
    assert.equal(rfc1123.domainFragment(text), want, text)
  }
  for (const [text, want] of cases.DomainFrag_RFC952) {
    assert.equal(rfc952.domainFragment(text), want, text)
  }
  assert.ok(cases.oracle.rows.length > 30)
  for (const [text, modern, old, fragments] of cases.oracle.rows) {
    assert.equal(rfc1123.label(text), modern, text)
    assert.equal(rfc952.label(text), old, text)
    assert.equal(`${rfc1123.domainFragment(text)}|${rfc952.domainFragment(text)}`, fragments, text)
  }
})
