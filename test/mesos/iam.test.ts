import assert from 'node:assert/strict'
import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '../../src/config/issue.ts'
import { signJwt } from '../../src/mesos/auth/iam.ts'
import { loadIamAccount } from '../../src/mesos/auth/iam-config.ts'
import { AuthError } from '../../src/mesos/errors.ts'
import {
  type FakeMaster,
  type Handler,
  respond,
  sendJson,
  startLeader,
  startMaster,
  stateOf,
} from './fake-master.ts'
import { fetcherFor } from './fetching.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-iam-'))
after(() => rmSync(folder, { recursive: true }))

const pem = (type: 'pkcs1' | 'pkcs8') => privateKey.export({ type, format: 'pem' }).toString()

let files = 0
function writeAccount(content: unknown): string {
  const path = join(folder, `iam-${files++}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function accountFor({ name }: FakeMaster, type: 'pkcs1' | 'pkcs8' = 'pkcs8'): string {
  const login_endpoint = `http://${name}/acs/api/v1/auth/login`
  return writeAccount({ uid: 'mesos-dns', private_key: pem(type), login_endpoint, scheme: 'RS256' })
}

const iam = (iamConfigFile: string) => ({
  config: { mesosAuthentication: 'iam' as const, iamConfigFile },
})

async function readJson(request: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

/** A login endpoint that checks the JWT and gives out t1, t2, … */
function loginEndpoint(): { handler: Handler; bodies: { uid: string; token: string }[] } {
  const bodies: { uid: string; token: string }[] = []
  const handler: Handler = async (request, response) => {
    const body = await readJson(request)
    bodies.push(body)
    const [header, claims, signature] = body.token.split('.')
    const content = Buffer.from(`${header}.${claims}`)
    const valid = verify('sha256', content, publicKey, Buffer.from(signature, 'base64url'))
    if (valid) sendJson(response, { token: `t${bodies.length}` })
    else response.writeHead(401).end()
  }
  return { handler, bodies }
}

for (const type of ['pkcs1', 'pkcs8'] as const) {
  test(`logs in with a ${type} key, and keeps the token`, async (t) => {
    const endpoint = loginEndpoint()
    const login = await startMaster(t, endpoint.handler)
    const leader = await startLeader(t)
    const fetch = fetcherFor(t, iam(accountFor(login, type)))
    await fetch(leader)
    await fetch(leader)
    assert.deepEqual(
      login.seen.map(({ method, path }) => [method, path]),
      [['POST', '/acs/api/v1/auth/login']],
    )
    assert.equal(endpoint.bodies[0]?.uid, 'mesos-dns')
    assert.deepEqual(
      leader.seen.map(({ authorization }) => authorization),
      ['token=t1', 'token=t1'],
    )
  })
}

test('a refused token is replaced by a new login, once', async (t) => {
  const login = await startMaster(t, loginEndpoint().handler)
  const leader = await startLeader(t)
  const fetch = fetcherFor(t, iam(accountFor(login)))
  await fetch(leader)
  leader.handler = (request, response) => {
    if (request.headers.authorization === 'token=t2') sendJson(response, stateOf(leader.address))
    else respond(401)(request, response)
  }
  await fetch(leader)
  assert.deepEqual(
    leader.seen.map(({ authorization }) => authorization),
    ['token=t1', 'token=t1', 'token=t2'],
  )
  leader.handler = respond(401)
  await assert.rejects(fetch(leader), /refuses the credentials of "mesos-dns" \(401\)/)
  assert.equal(leader.seen.length, 5)
  assert.equal(login.seen.length, 3)
})

test('a login that fails is told once, and no master is asked', async (t) => {
  const failures: readonly (readonly [Handler, RegExp])[] = [
    [
      respond(401),
      /^login as mesos-dns at http:\/\/127.0.0.1:\d+\/acs\S+ was refused with status 401/,
    ],
    [respond(200, 'hello'), /answered without a token; check login_endpoint/],
    [respond(200, '{"token":"a\\nb"}'), /answered without a token/],
    [(request) => request.socket.destroy(), /failed: connection closed before/],
  ]
  for (const [handler, message] of failures) {
    const login = await startMaster(t, handler)
    const masters = [await startLeader(t), await startLeader(t)]
    const fetch = fetcherFor(t, iam(accountFor(login)))
    await assert.rejects(fetch(...masters), (error) => {
      assert.ok(error instanceof AuthError)
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /PRIVATE|eyJ/)
      return true
    })
    assert.deepEqual(
      masters.map(({ seen }) => seen.length),
      [0, 0],
    )
    assert.equal(login.seen.length, 1)
  }
})

test('the JWT is RS256 and runs for an hour', () => {
  const loginEndpoint = new URL('http://127.0.0.1/')
  const jwt = signJwt({ uid: 'mesos-dns', privateKey, loginEndpoint }, 1_500_000_000_999)
  const [header, claims] = jwt
    .split('.', 2)
    .map((part) => Buffer.from(part, 'base64url').toString())
  assert.equal(header, '{"alg":"RS256","typ":"JWT"}')
  assert.equal(claims, '{"exp":1500003600,"uid":"mesos-dns"}')
})

test('an unusable iamConfigFile is a configuration error without a part of the key', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const good = { uid: 'u', private_key: pem('pkcs8'), login_endpoint: 'https://iam.example/login' }
  const cases: readonly (readonly [path: string, RegExp])[] = [
    [join(folder, 'missing.json'), /cannot be read/],
    [writeAccount('{'), /holds no JSON object/],
    [writeAccount([]), /has no uid, private_key, login_endpoint/],
    [writeAccount({ ...good, uid: '' }), /has no uid/],
    [writeAccount({ ...good, login_endpoint: 'iam.example' }), /no http or https URL/],
    [writeAccount({ ...good, login_endpoint: 'ftp://iam.example' }), /no http or https URL/],
    [writeAccount({ ...good, private_key: 'MIIE' }), /private_key that is no RSA key/],
    [
      writeAccount({ ...good, private_key: ec.export({ type: 'pkcs8', format: 'pem' }) }),
      /private_key that is no RSA key/,
    ],
  ]
  for (const [path, message] of cases) {
    assert.throws(
      () => loadIamAccount(path),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /MII/)
        return true
      },
    )
  }
  assert.equal(loadIamAccount(writeAccount(good)).loginEndpoint.host, 'iam.example')
})
