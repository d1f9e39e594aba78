import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { TlsOptions } from 'node:tls'
import { silentLogger } from '../../../src/log.ts'
import { createDetector, type DetectorConfig } from '../../../src/mesos/detect/index.ts'
import { formatHostPort } from '../../../src/net/address.ts'
import { type Certificates, makeCertificates, type Pair, readPair } from '../../certificates.ts'
import { needs } from '../../programs.ts'
import { json } from '../zookeeper/detector-scene.ts'
import { FakeZookeeper } from '../zookeeper/fake-zookeeper.ts'
import { until } from '../zookeeper/waiting.ts'

describe('zkTLS', needs('openssl'), () => {
  let files: Certificates
  before(() => {
    files = makeCertificates()
  })
  after(() => files.remove())

  /** A detector with these settings, and the server that it finds; `tls` undefined: without TLS. */
  async function detect(
    t: TestContext,
    zkTls: Partial<DetectorConfig['zkTls']>,
    tls: TlsOptions | undefined,
  ) {
    const fake = await FakeZookeeper.listen('127.0.0.1', tls)
    fake.set('json.info_0000000001', json('10.0.0.1'))
    const detector = createDetector({
      config: {
        zk: `zk://${formatHostPort(fake.server)}/mesos`,
        zkTls: { on: true, caCertFile: '', certFile: '', keyFile: '', ...zkTls },
        zkStrict: false,
        zkDetectionTimeout: 0,
        masters: [],
      },
      log: silentLogger,
    })
    t.after(async () => {
      detector.stop()
      await fake.close()
    })
    detector.start()
    return { fake, detector }
  }

  const asServer = (pair: Pair): TlsOptions => readPair(pair)
  const mutual = (): TlsOptions => ({
    ...asServer(files.server),
    ca: readFileSync(files.ca.cert),
    requestCert: true,
    rejectUnauthorized: true,
  })
  const mine = () => ({ certFile: files.client.cert, keyFile: files.client.key })

  test('a server whose certificate the authority signed, for this address', async (t) => {
    const { detector } = await detect(t, { caCertFile: files.ca.cert }, asServer(files.server))
    await until('the leader is known', () => detector.leader?.host === '10.0.0.1')
    assert.equal(detector.status?.state, 'connected')
  })

  test('a server that wants a certificate of ours', async (t) => {
    const { detector } = await detect(t, { caCertFile: files.ca.cert, ...mine() }, mutual())
    await until('the leader is known', () => detector.leader?.host === '10.0.0.1')
  })

  test('without an authority any server will do', async (t) => {
    const { detector } = await detect(t, {}, asServer(files.elsewhere))
    await until('the leader is known', () => detector.leader?.host === '10.0.0.1')
  })

  const refused: readonly (readonly [
    name: string,
    zkTls: () => Partial<DetectorConfig['zkTls']>,
    tls: () => TlsOptions | undefined,
    told: RegExp,
  ])[] = [
    [
      'another authority',
      () => ({ caCertFile: files.stranger.cert }),
      () => asServer(files.server),
      /cannot connect to zookeeper .*: unable to /,
    ],
    [
      'a certificate for another address',
      () => ({ caCertFile: files.ca.cert }),
      () => asServer(files.elsewhere),
      /does not match certificate's altnames|not in the cert's list/,
    ],
    ['no certificate of ours', () => ({ caCertFile: files.ca.cert }), mutual, /closed|alert|RESET/],
    [
      'a server without TLS',
      () => ({ caCertFile: files.ca.cert }),
      () => undefined,
      /cannot connect to zookeeper|no connection to zookeeper/,
    ],
    ['TLS that is off', () => ({ on: false }), () => asServer(files.server), /closed|RESET/],
  ]
  for (const [name, zkTls, tls, told] of refused) {
    test(`${name}: nothing is believed`, async (t) => {
      const { fake, detector } = await detect(t, zkTls(), tls())
      await until('it is said', () => detector.status?.lastError !== undefined)
      assert.match(detector.status?.lastError ?? '', told)
      assert.equal(detector.leader, undefined)
      assert.equal(fake.requests.length, 0)
    })
  }

  test('a file that holds something else is refused before anything starts', () => {
    const config = {
      zk: 'zk://127.0.0.1:1/mesos',
      zkTls: { on: true, caCertFile: files.ca.key, certFile: '', keyFile: '' },
      zkStrict: false,
      zkDetectionTimeout: 0,
      masters: [],
    }
    assert.throws(() => createDetector({ config, log: silentLogger }), {
      code: 'MESOS_NS_CONFIG',
      message: /zkTLS\.caCertFile = .*: holds no PEM block of type CERTIFICATE/,
    })
  })
})
