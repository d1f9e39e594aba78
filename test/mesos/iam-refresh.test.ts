import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createIamAuthenticator } from '../../src/mesos/auth/iam.ts'
import { AuthError, StateFetchError } from '../../src/mesos/errors.ts'
import type { HttpAnswer, MasterHttp } from '../../src/mesos/http.ts'
import { recordingLog } from '../recording-log.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const account = { uid: 'dns', privateKey, loginEndpoint: new URL('https://iam.example/login') }
const START = 1_500_000_000_000

interface Login {
  /** Gives out a token that lives for so many seconds; returns its header. */
  grant(seconds: number): Promise<string>
  fail(): Promise<void>
}

/** An authenticator whose logins end when the test says so. */
function setUp() {
  let time = START
  const logins: Login[] = []
  const { log, lines } = recordingLog()
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const http: MasterHttp = {
    send: () =>
      new Promise<HttpAnswer>((resolve, reject) => {
        const number = logins.length
        logins.push({
          async grant(seconds) {
            const claims = JSON.stringify({ number, exp: (time + seconds * 1000) / 1000 })
            const token = `h.${Buffer.from(claims).toString('base64url')}.s`
            const body = Buffer.from(JSON.stringify({ token }))
            resolve({ status: 200, location: '', contentType: 'application/json', body })
            await settle()
            return `token=${token}`
          },
          fail() {
            reject(new StateFetchError('connection refused'))
            return settle()
          },
        })
      }),
    close: async () => {},
  }
  const iam = createIamAuthenticator({ account, http, log, clock: () => time })
  const { signal } = new AbortController()
  return {
    iam,
    logins,
    lines,
    login: (n: number) => logins[n] ?? assert.fail(`no login ${n}`),
    ask: (by = signal) => iam.authorization(by),
    pass: (seconds: number) => {
      time += seconds * 1000
    },
  }
}

test('those who ask at once share one login', async () => {
  const { ask, logins, login } = setUp()
  const asked = [ask(), ask(), ask()]
  const header = await login(0).grant(3600)
  assert.deepEqual(await Promise.all(asked), [header, header, header])
  assert.equal(logins.length, 1)
})

test('after three quarters of its life a token is replaced, and nobody waits for that', async () => {
  const { ask, login, logins, pass } = setUp()
  const first = ask()
  const old = await login(0).grant(3600)
  assert.equal(await first, old)
  pass(2699)
  assert.equal(await ask(), old)
  assert.equal(logins.length, 1)
  pass(1)
  assert.equal(await ask(), old)
  assert.equal(await ask(), old)
  assert.equal(logins.length, 2)
  const fresh = await login(1).grant(3600)
  assert.equal(await ask(), fresh)
  pass(2699)
  assert.equal(await ask(), fresh)
  assert.equal(logins.length, 2)
})

test('while logins fail the old token is used, said so, and they are tried every half minute', async () => {
  const { ask, login, logins, pass, lines } = setUp()
  const first = ask()
  const old = await login(0).grant(3600)
  await first
  pass(2700)
  assert.equal(await ask(), old)
  await login(1).fail()
  assert.equal(await ask(), old)
  pass(29)
  assert.equal(await ask(), old)
  assert.equal(logins.length, 2)
  pass(1)
  assert.equal(await ask(), old)
  assert.equal(logins.length, 3)
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [['warn', 'could not log in anew; using the token there is']],
  )
  assert.doesNotMatch(JSON.stringify(lines), /PRIVATE|eyJ|h\./)
})

test('once it has expired there is nothing to fall back on', async () => {
  const { ask, login, logins, pass } = setUp()
  const first = ask()
  await login(0).grant(3600)
  await first
  pass(3600)
  const refused = assert.rejects(ask(), AuthError)
  await login(1).fail()
  await refused
  const next = ask()
  const fresh = await login(2).grant(3600)
  assert.equal(await next, fresh)
  assert.equal(logins.length, 3)
})

test('a token that a master has refused is not used again; an older one changes nothing', async () => {
  const { iam, ask, login, logins } = setUp()
  const first = ask()
  const old = await login(0).grant(3600)
  await first
  assert.equal(iam.rejected(old), true)
  const again = ask()
  const fresh = await login(1).grant(3600)
  assert.equal(await again, fresh)
  assert.equal(iam.rejected(old), true)
  assert.equal(await ask(), fresh)
  assert.equal(logins.length, 2)
})

test('who gives up waiting does not take the login from the others', async () => {
  const { ask, login, logins } = setUp()
  const controller = new AbortController()
  const impatient = ask(controller.signal)
  const patient = ask()
  controller.abort(new Error('stopped'))
  await assert.rejects(impatient, { message: 'stopped' })
  const header = await login(0).grant(3600)
  assert.equal(await patient, header)
  assert.equal(logins.length, 1)
})
