import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { parseConfig } from '../../src/config/index.ts'
import { makeCertificates, readPair } from '../certificates.ts'
import { needs } from '../programs.ts'
import { complaints, fileWith } from './complaints.ts'

const pem = { type: 'pkcs8', format: 'pem' } as const
const OTHER_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem)
const RSA_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem)

/** Opens the one file `/f`, with this in it. */
function holding(content: string) {
  return { read: (path: string) => (path === '/f' ? content : assert.fail(path)) }
}

function failing(code: string) {
  return {
    read: (): string => {
      throw Object.assign(new Error('no'), { code })
    },
  }
}

/** Complaints without their places. */
function told(settings: Record<string, unknown>, options: { read: (path: string) => string }) {
  return complaints(fileWith(settings), options).map((line) =>
    line.replace(/^configuration:1:\d+: /, ''),
  )
}

test('files that cannot be read', () => {
  const fix = 'check the path and who may read it'
  for (const [code, reason] of [
    ['ENOENT', 'there is no such file'],
    ['EACCES', 'permission denied'],
    ['EISDIR', 'it is a directory'],
    ['EIO', 'EIO'],
  ]) {
    assert.deepEqual(told({ CACertFile: '/f' }, failing(code ?? '')), [
      `CACertFile = "/f": cannot be read: ${reason}; ${fix}`,
    ])
  }
  assert.deepEqual(
    told(
      {
        zk: 'file:///f',
        CertFile: '/f',
        KeyFile: '/f',
        IAMConfigFile: '/f',
        mesosCredentials: { secretFile: '/f' },
        cookieSecretFile: '/f',
      },
      failing('ENOENT'),
    ),
    [
      `zk = "file:///f": cannot be read: there is no such file; ${fix}`,
      `CertFile = "/f": cannot be read: there is no such file; ${fix}`,
      `KeyFile = "/f": cannot be read: there is no such file; ${fix}`,
      `IAMConfigFile = "/f": cannot be read: there is no such file; ${fix}`,
      `mesosCredentials.secretFile = "/f": cannot be read: there is no such file; ${fix}`,
      `cookieSecretFile = "/f": cannot be read: there is no such file; ${fix}`,
    ],
  )
})

describe('certificates', needs('openssl'), () => {
  let certificate: string
  let key: string
  before(() => {
    const files = makeCertificates()
    ;({ cert: certificate, key } = readPair(files.client))
    files.remove()
  })

  test('authorities: one good certificate is enough', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    assert.deepEqual(told({ CACertFile: '/f' }, holding(`# ours\n${broken}${certificate}`)), [])
    for (const content of ['', 'host-1\n', broken, key]) {
      assert.deepEqual(told({ CACertFile: '/f' }, holding(content)), [
        'CACertFile = "/f": holds no certificate; name a PEM file with a BEGIN CERTIFICATE block',
      ])
    }
  })

  test('client certificate and key', () => {
    const pair = (c: string, k: string) =>
      told({ CertFile: '/c', KeyFile: '/k' }, { read: (path) => (path === '/c' ? c : k) })
    const noCertificate =
      'CertFile = "/c": holds no certificate; name a PEM file with a BEGIN CERTIFICATE block'
    const noKey =
      'KeyFile = "/k": holds no private key; name a PEM file with an unencrypted BEGIN … PRIVATE KEY block'
    assert.deepEqual(pair(certificate, key), [])
    assert.deepEqual(pair('x', 'x'), [noCertificate, noKey])
    assert.deepEqual(pair(key, key), [noCertificate])
    assert.deepEqual(pair(certificate, certificate), [noKey])
    assert.deepEqual(pair(certificate, String(OTHER_KEY)), [
      'KeyFile = "/k": does not belong to CertFile; name the key that the certificate was made for',
    ])
  })
})

describe('certificates for ZooKeeper', needs('openssl'), () => {
  test('are checked like those for the masters', () => {
    const files = makeCertificates()
    const { cert, key } = readPair(files.client)
    files.remove()
    const settings = {
      zk: 'zk://h/mesos',
      zkTLS: { on: true, caCertFile: '/ca', certFile: '/c', keyFile: '/k' },
    }
    const tell = (ca: string, c: string, k: string) =>
      told(settings, { read: (path) => ({ '/ca': ca, '/c': c })[path] ?? k })
    assert.deepEqual(tell(cert, cert, key), [])
    assert.deepEqual(tell('x', key, cert), [
      'zkTLS.caCertFile = "/ca": holds no certificate; name a PEM file with a BEGIN CERTIFICATE block',
      'zkTLS.certFile = "/c": holds no certificate; name a PEM file with a BEGIN CERTIFICATE block',
      'zkTLS.keyFile = "/k": holds no private key; name a PEM file with an unencrypted BEGIN … PRIVATE KEY block',
    ])
    assert.deepEqual(tell(cert, cert, String(OTHER_KEY)), [
      'zkTLS.keyFile = "/k": does not belong to certFile; name the key that the certificate was made for',
    ])
  })
})

test('secret file: one line end is not part of the secret', () => {
  const settings = {
    mesosAuthentication: 'basic',
    mesosCredentials: { principal: 'p', secretFile: '/f' },
  }
  for (const [content, secret] of [
    ['geheim', 'geheim'],
    ['geheim\n', 'geheim'],
    ['geheim\r\n', 'geheim'],
    [' geheim \n\n', ' geheim \n'],
  ]) {
    const { config } = parseConfig(fileWith(settings), holding(content ?? ''))
    assert.deepEqual(config.mesosCredentials, { principal: 'p', secret })
  }
  assert.deepEqual(told(settings, holding('\n')), [
    'mesosCredentials.secretFile = "/f": is an empty file; put the secret into it',
  ])
})

test('cookie secret in a file', () => {
  const secret = '0123456789abcdef0123456789abcdef'
  for (const content of [secret, `${secret}\n`, ` ${secret.toUpperCase()}\r\n`]) {
    const { config } = parseConfig(fileWith({ cookieSecretFile: '/f' }), holding(content))
    assert.equal(config.cookieSecret, secret)
  }
  assert.deepEqual(told({ cookieSecretFile: '/f' }, holding(' \n')), [
    'cookieSecretFile = "/f": is an empty file; put the secret into it',
  ])
  assert.deepEqual(told({ cookieSecretFile: '/f' }, holding('geheim')), [
    'cookieSecretFile = "/f": the file’s content is not 32 hexadecimal digits; write what "openssl rand -hex 16" prints, or leave it out for a random one',
  ])
})

test('zk in a file', () => {
  const read = (content: string) => parseConfig('{"zk": "file:///f"}', holding(content)).config.zk
  assert.equal(read('zk://u:p@h1,h2/mesos\n'), 'zk://u:p@h1,h2/mesos')
  assert.equal(read('10.0.0.1:5050'), '10.0.0.1:5050')
  for (const content of ['', 'file:///g', 'zk://u:geheim@h']) {
    const [complaint = ''] = told({ zk: 'file:///f' }, holding(content))
    assert.match(complaint, /^zk = "file:\/\/\/f": the file’s content .*; .*zk:\/\/10/)
    assert.doesNotMatch(complaint, /geheim/)
  }
})

test('service account of iam', () => {
  const account = { uid: 'u', private_key: RSA_KEY, login_endpoint: 'https://m/login', more: 1 }
  const why = (content: unknown) =>
    told(
      { mesosAuthentication: 'iam', IAMConfigFile: '/f' },
      holding(typeof content === 'string' ? content : JSON.stringify(content)),
    ).map((line) => /"\/f": (.*?); write \{"uid"/.exec(line)?.[1])
  assert.deepEqual(why(account), [])
  assert.deepEqual(why({ UID: 'u', Private_Key: RSA_KEY, LOGIN_ENDPOINT: 'http://m' }), [])
  assert.deepEqual(why('x'), ['holds no JSON object'])
  assert.deepEqual(why('5'), ['holds no JSON object'])
  assert.deepEqual(why({}), ['has no uid, private_key, login_endpoint'])
  assert.deepEqual(why({ ...account, uid: '' }), ['has no uid'])
  assert.deepEqual(why({ ...account, login_endpoint: 5 }), ['has no login_endpoint'])
  for (const key of ['x', OTHER_KEY]) {
    assert.deepEqual(why({ ...account, private_key: key }), [
      'has a private_key that is no RSA key in PEM form',
    ])
  }
  for (const endpoint of ['m/login', 'ftp://m', 'https://']) {
    assert.deepEqual(why({ ...account, login_endpoint: endpoint }), [
      'has a login_endpoint that is no http or https URL',
    ])
  }
})

test('without a reader, files are neither opened nor checked', () => {
  const { config } = parseConfig(
    fileWith({
      CACertFile: '/nowhere',
      zk: 'file:///nowhere',
      mesosCredentials: { secretFile: '/n' },
    }),
  )
  assert.equal(config.caCertFile, '/nowhere')
})
