import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../../../src/http/v1/negotiation.ts'

for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
  test(`${method} is refused before Accept is looked at`, () => {
    const answer = refusal(method, 'application/xml')
    assert.equal(answer?.status, 405)
    assert.equal(answer.body, '405: Method Not Allowed')
    assert.deepEqual(answer.headers, { 'Content-Type': 'text/plain; charset=utf-8' })
  })
}

for (const [accept, ok] of [
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['application/json', true],
  ['text/html, application/json;q=0.9', true],
  ['text/html,*/*;q=0.1', true],
  ['application/json; charset=utf-8', true],
  ['application/json;q=0', true],
  ['application/xml', false],
  ['application/*', false],
  ['text/*', false],
  ['json', false],
  [',', false],
] as const) {
  test(`Accept: ${accept} is ${ok ? 'fine' : 'not acceptable'}`, () => {
    const answer = refusal('GET', accept)
    assert.equal(answer?.status, ok ? undefined : 406)
    if (!ok) assert.equal(answer?.body, '406: Not Acceptable')
  })
}
