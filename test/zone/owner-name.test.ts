import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { hostToWire, ownerToWire, parentName, wireToName } from '../../src/zone/owner-name.ts'

describe('names that can be asked for', () => {
  for (const name of [
    'mesos.',
    'web.marathon.mesos.',
    '_web._tcp.mesos.',
    '*.mesos.',
    `${'a'.repeat(63)}.x.`,
  ]) {
    test(name, () => assert.equal(wireToName(ownerToWire(name) ?? new Uint8Array(1)), name))
  }

  test('255 octets', () => {
    const name = `${`${'a'.repeat(61)}.`.repeat(4)}mesos.`
    assert.equal(ownerToWire(name)?.length, 255)
    assert.equal(ownerToWire(`a${name.slice(1, -1)}s.`), undefined)
  })
})

describe('names that cannot', () => {
  const names = {
    'no trailing dot': 'mesos',
    'empty label': 'web..mesos.',
    'empty first label': '.mesos.',
    root: '.',
    nothing: '',
    capitals: 'Web.mesos.',
    'a label of 64 octets': `${'a'.repeat(64)}.mesos.`,
    'a space': 'my app.mesos.',
    'a quote': 'a"b.mesos.',
    'a backslash': 'a\\b.mesos.',
    'a semicolon': 'a;b.mesos.',
    'a tab': 'a\tb.mesos.',
    'beyond ASCII': 'ünïcode.mesos.',
    'a star behind a dot': 'a.*.mesos.',
  }
  for (const [what, name] of Object.entries(names)) {
    test(what, () => assert.equal(ownerToWire(name), undefined))
  }
})

test('a host name from the configuration may have capitals', () => {
  assert.deepEqual(hostToWire('NS1.Mesos.'), ownerToWire('ns1.mesos.'))
})

test('presentation escapes what is not plain (RFC 1035 §5.1)', () => {
  assert.equal(
    wireToName(Uint8Array.from([5, 0x61, 0x2e, 0x20, 0x5c, 0xff, 0])),
    'a\\.\\032\\\\\\255.',
  )
  assert.equal(wireToName(Uint8Array.of(0)), '.')
})

test('parentName', () => {
  assert.equal(parentName('web.marathon.mesos.'), 'marathon.mesos.')
  assert.equal(parentName('mesos.'), '')
})

test('whatever is accepted comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const wire = ownerToWire(text)
      if (wire === undefined) return
      assert.equal(wireToName(wire), text)
      assert.ok(wire.length <= 255 && wire.at(-1) === 0)
    }),
  )
})
