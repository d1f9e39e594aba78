import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalOf } from '../../src/http/loopback.ts'
import type { Caller } from '../../src/http/route.ts'

function refusal(change: Partial<Caller>): string | undefined {
  const headers = { host: '127.0.0.1:8123', ...change.headers }
  return refusalOf({ address: '127.0.0.1', target: '/v1/reload', ...change, headers })
}

for (const address of ['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:2']) {
  test(`a client at ${address} may`, () => {
    assert.equal(refusal({ address }), undefined)
  })
}

for (const address of [
  '10.0.0.1',
  '126.0.0.1',
  '128.0.0.1',
  '::ffff:10.0.0.1',
  '::',
  '::127.0.0.1',
  '::2',
  'fe80::1%lo',
  '2001:db8::7f00:1',
  '',
  undefined,
]) {
  test(`a client at ${address} may not, whatever it says`, () => {
    const headers = { host: 'localhost', 'x-forwarded-for': '127.0.0.1' }
    assert.match(refusal({ address, headers }) ?? '', /^only clients on this machine/)
  })
}

for (const host of [
  'localhost',
  'LocalHost:8123',
  '127.0.0.1',
  '127.0.0.2:80',
  '[::1]',
  '[::1]:8123',
  '[::ffff:127.0.0.1]:8123',
]) {
  test(`Host ${host} is this machine`, () => {
    assert.equal(refusal({ headers: { host } }), undefined)
  })
}

for (const host of [
  'rebound.example.com:8123',
  '127.0.0.1.example.com',
  'localhost.example.com',
  '127.evil',
  '10.0.0.5:8123',
  '[::2]',
  '[::1',
  '::1',
  '[]',
  '127.0.0.1:80:80',
  'localhost@evil',
  '',
]) {
  test(`Host ${JSON.stringify(host)} is not`, () => {
    assert.match(refusal({ headers: { host } }) ?? '', /^Host is not a loopback address/)
  })
}

test('without Host nobody may', () => {
  const caller = { address: '127.0.0.1', target: '/v1/reload', headers: {} }
  assert.match(refusalOf(caller) ?? '', /^Host/)
})

for (const [name, value] of [
  ['origin', 'http://127.0.0.1:8123'],
  ['origin', 'null'],
  ['sec-fetch-site', 'same-origin'],
  ['via', '1.1 proxy'],
  ['forwarded', 'for=127.0.0.1'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'localhost'],
  ['x-forwarded-proto', 'https'],
  ['x-real-ip', '127.0.0.1'],
  ['x-client-ip', '127.0.0.1'],
  ['true-client-ip', '127.0.0.1'],
  ['referer', 'http://127.0.0.1:8123/'],
  ['sec-fetch-mode', 'cors'],
] as const) {
  test(`${name}: ${value} keeps it out`, () => {
    assert.match(refusal({ headers: { [name]: value } }) ?? '', new RegExp(`${name} is set$`))
  })
}

test('a target that names a server is meant for a proxy', () => {
  const target = 'http://127.0.0.1:8123/v1/reload'
  assert.equal(refusal({ target }), 'not through a proxy')
})
