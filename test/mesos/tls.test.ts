import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { ConfigError } from '../../src/config/issue.ts'
import { loadTls } from '../../src/mesos/tls.ts'
import { type Certificates, makeCertificates, readPair } from '../certificates.ts'
import { needs } from '../programs.ts'
import { redirectTo, sendJson, startLeader, startMaster, stateOf } from './fake-master.ts'
import { BASIC, BASIC_HEADER, CONFIG, fetcherFor } from './fetching.ts'

describe('TLS to masters', needs('openssl'), () => {
  let files: Certificates
  before(() => {
    files = makeCertificates()
  })
  after(() => files.remove())

  const https = (more: object = {}) => ({ config: { mesosHttpsOn: true, ...more } })

  test('a master whose certificate the CA signed is asked over TLS', async (t) => {
    const leader = await startLeader(t, stateOf, readPair(files.server))
    const { master } = await fetcherFor(t, https({ caCertFile: files.ca.cert }))(leader)
    assert.deepEqual(master, leader.address)
  })

  test('a master with a certificate of another CA is refused before it sees credentials', async (t) => {
    const leader = await startLeader(t, stateOf, readPair(files.server))
    const settings = https({ caCertFile: files.stranger.cert, ...BASIC })
    await assert.rejects(fetcherFor(t, settings)(leader), /not signed by the CA in caCertFile/)
    assert.equal(leader.seen.length, 0)
  })

  test('a certificate for another address is refused', async (t) => {
    const leader = await startLeader(t, stateOf, readPair(files.elsewhere))
    const settings = https({ caCertFile: files.ca.cert })
    await assert.rejects(fetcherFor(t, settings)(leader), /certificate is for another host name/)
  })

  test('without a CA any certificate is taken, as in Mesos-DNS', async (t) => {
    const leader = await startLeader(t, stateOf, readPair(files.server))
    const { master } = await fetcherFor(t, https())(leader)
    assert.deepEqual(master, leader.address)
  })

  test('a client certificate is shown to a master that asks for one', async (t) => {
    const ca = readFileSync(files.ca.cert, 'utf8')
    const tls = { ...readPair(files.server), ca, requestCert: true, rejectUnauthorized: true }
    const leader = await startLeader(t, stateOf, tls)
    const names: (string | string[] | undefined)[] = []
    leader.handler = (request, response) => {
      names.push((request.socket as TLSSocket).getPeerCertificate().subject.CN)
      sendJson(response, stateOf(leader.address))
    }
    const caCertFile = files.ca.cert
    const { cert: certFile, key: keyFile } = files.client
    await fetcherFor(t, https({ caCertFile, certFile, keyFile }))(leader)
    assert.deepEqual(names, ['client'])
    await assert.rejects(fetcherFor(t, https({ caCertFile }))(leader), {
      code: 'MESOS_NS_STATE_FETCH',
    })
  })

  test('https to a master that speaks http is explained', async (t) => {
    const leader = await startLeader(t)
    await assert.rejects(fetcherFor(t, https())(leader), /does not speak TLS .* check mesosHttpsOn/)
  })

  test('http to a master that speaks TLS is explained', async (t) => {
    const leader = await startLeader(t, stateOf, readPair(files.server))
    await assert.rejects(fetcherFor(t)(leader), { code: 'MESOS_NS_STATE_FETCH' })
    assert.equal(leader.seen.length, 0)
  })

  test('a protocol-relative redirect stays on TLS', async (t) => {
    const tls = readPair(files.server)
    const leader = await startLeader(t, stateOf, tls)
    const other = await startMaster(t, redirectTo(`//${leader.name}/master/state`), tls)
    const settings = https({ caCertFile: files.ca.cert, ...BASIC })
    await fetcherFor(t, settings)(other, leader)
    assert.equal(leader.seen[0]?.authorization, BASIC_HEADER)
  })

  test('a redirect down to http gets no credentials, not even to a configured master', async (t) => {
    const leader = await startLeader(t)
    const location = `http://${leader.name}/master/state`
    const other = await startMaster(t, redirectTo(location), readPair(files.server))
    await fetcherFor(t, https({ caCertFile: files.ca.cert, ...BASIC }))(other, leader)
    assert.equal(other.seen[0]?.authorization, BASIC_HEADER)
    assert.equal(leader.seen[0]?.authorization, undefined)
  })

  test('unusable files are configuration errors that name the setting', () => {
    const { cert, key } = files.client
    const cases: readonly (readonly [object, RegExp])[] = [
      [
        { caCertFile: '/nonexistent/ca.pem' },
        /caCertFile = "\/nonexistent\/ca.pem": cannot be read/,
      ],
      [
        { caCertFile: files.write('empty.pem', '') },
        /caCertFile.*: holds no PEM block of type CERTI/,
      ],
      [{ certFile: cert, keyFile: cert }, /keyFile.*: holds no PEM block of type PRIVATE KEY/],
      [{ certFile: cert, keyFile: files.server.key }, /certFile.*: does not work with its key/],
      [
        { certFile: files.write('bad.pem', '-----BEGIN CERTIFICATE-----\nx\n'), keyFile: key },
        /certFile.*: does not work/,
      ],
    ]
    for (const [settings, message] of cases) {
      assert.throws(
        () => loadTls({ ...CONFIG, ...settings }),
        (error) => error instanceof ConfigError && message.test(error.message),
        JSON.stringify(settings),
      )
    }
  })
})
