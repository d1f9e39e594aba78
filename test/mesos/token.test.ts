import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readToken } from '../../src/mesos/auth/token.ts'

const NOW = 1_500_000_000_000
const jwt = (claims: unknown) =>
  ['{"alg":"HS256"}', typeof claims === 'string' ? claims : JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
/** A token that lives for so many seconds. */
const living = (seconds: number) => jwt({ uid: 'dns', exp: NOW / 1000 + seconds })

// Seconds of life, and after which of them the token is replaced.
const LIVES: readonly (readonly [life: number, refreshAfter: number])[] = [
  [432_000, 324_000],
  [3600, 2700],
  [240, 180],
  [200, 140],
  [120, 60],
  [90, 45],
  [1, 0.5],
]

for (const [life, refreshAfter] of LIVES) {
  test(`a token of ${life} s is replaced after ${refreshAfter} s`, () => {
    const token = readToken(living(life), NOW)
    assert.equal(token.refreshAt, NOW + refreshAfter * 1000)
    assert.equal(token.expiresAt, NOW + life * 1000)
  })
}

const ENDLESS: readonly (readonly [what: string, text: string])[] = [
  ['is no JWT', 't1'],
  ['has too many parts', `${living(60)}.more`],
  ['has claims that are no JSON', 'a.%%%.c'],
  ['has claims that are a list', jwt([])],
  ['has no exp', jwt({ uid: 'dns' })],
  ['has an exp that is no number', jwt({ exp: '2030-01-01' })],
  ['has an exp beyond all measure', jwt('{"exp":1e999}')],
  ['has expired by our clock', living(-1)],
]

for (const [what, text] of ENDLESS) {
  test(`a token that ${what} is used until a master refuses it`, () => {
    const { expiresAt, refreshAt } = readToken(text, NOW)
    assert.deepEqual([expiresAt, refreshAt], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
}
