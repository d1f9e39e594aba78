import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanPath, decodePath, encodePath } from '../../src/http/request-path.ts'

for (const [raw, decoded] of [
  ['/v1/hosts/leader.mesos', '/v1/hosts/leader.mesos'],
  ['/v1/hosts/%6Ceader%2emesos', '/v1/hosts/leader.mesos'],
  ['/a%2Fb', '/a/b'],
  ['/%E6%BC%A2', '/漢'],
  ['/%ff%fe', '/\ufffd\ufffd'],
  ['/%2541', '/%41'],
  ['/a+b', '/a+b'],
  ['/%zz', undefined],
  ['/%4', undefined],
  ['/100%', undefined],
] as const) {
  test(`decodePath ${raw}`, () => assert.equal(decodePath(raw), decoded))
}

for (const [path, clean] of [
  ['/', '/'],
  ['', '/'],
  ['*', '/*'],
  ['/v1/version', '/v1/version'],
  ['/v1/version/', '/v1/version/'],
  ['//v1///version//', '/v1/version/'],
  ['/v1/./version', '/v1/version'],
  ['/v1/hosts/.', '/v1/hosts'],
  ['/v1/x/../version', '/v1/version'],
  ['/../../etc/passwd', '/etc/passwd'],
  ['/v1/hosts/...', '/v1/hosts/...'],
  ['/v1/hosts/a.*.b', '/v1/hosts/a.*.b'],
] as const) {
  test(`cleanPath ${path}`, () => assert.equal(cleanPath(path), clean))
}

test('property: a decoded path survives encoding', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (path) => {
      assert.equal(decodePath(encodePath(path)), path)
    }),
  )
})

test('property: cleaning twice changes nothing, and never leaves the host', () => {
  const segment = fc.constantFrom('', '.', '..', 'a', 'v1', '%2e')
  fc.assert(
    fc.property(fc.array(segment), (segments) => {
      const clean = cleanPath(segments.join('/'))
      assert.equal(cleanPath(clean), clean)
      assert.match(clean, /^\/(?!\/)/)
    }),
  )
})
