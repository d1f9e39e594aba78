import { type TestContext, test } from 'node:test'
import {
  createZookeeperDetector,
  type ZookeeperDetector,
} from '../../../src/mesos/detect/zookeeper/index.ts'
import { formatHostPort } from '../../../src/net/address.ts'
import { eventually } from '../../eventually.ts'
import { recordingLog } from '../../recording-log.ts'
import { FakeEnsemble } from './fake-ensemble.ts'

const info = (port: number) => JSON.stringify({ address: { ip: '10.0.0.1', port } })

async function following(t: TestContext) {
  const ensemble = await FakeEnsemble.listen(3)
  t.after(() => ensemble.close())
  ensemble.set('json.info_0000000001', info(1))
  const { log } = recordingLog()
  const url = { hosts: ensemble.servers, path: '/mesos' }
  const timing = { startSpreadMs: 0, reconnectSpreadMs: 10, readSpreadMs: 0 }
  const detector = createZookeeperDetector({ url, log, timing })
  t.after(() => detector.stop())
  detector.start()
  await leads(detector, 1)
  return { ensemble, detector }
}

function leads(detector: ZookeeperDetector, port: number): Promise<void> {
  return eventually(`10.0.0.1:${port} leads`, () => detector.leader?.port === port)
}

/** Resolves with the number of the member that the detector is connected to. */
async function memberOf(detector: ZookeeperDetector, ensemble: FakeEnsemble): Promise<number> {
  await eventually('it is connected', () => detector.status.state === 'connected')
  const { server } = detector.status
  return ensemble.servers.findIndex((each) => formatHostPort(each) === server)
}

test('what is set is told by the others when a member is gone, and by that one when it is back', async (t) => {
  const { ensemble, detector } = await following(t)
  await ensemble.kill(await memberOf(detector, ensemble))
  ensemble.set('json.info_0000000000', info(2))
  await leads(detector, 2)

  const others = [0, 1, 2].filter((member) => ensemble.isUp(member))
  for (const member of others) await ensemble.kill(member)
  ensemble.delete('json.info_0000000000')
  await ensemble.restart([0, 1, 2].find((member) => !others.includes(member)) ?? 0)
  await leads(detector, 1)
})

test('a watch tells of a change whichever member it is at', async (t) => {
  const { ensemble, detector } = await following(t)
  await memberOf(detector, ensemble)
  ensemble.set('json.info_0000000000', info(3))
  await leads(detector, 3)
})

test('a session that has expired is followed by another one', async (t) => {
  const { ensemble, detector } = await following(t)
  await memberOf(detector, ensemble)
  ensemble.expireSessions()
  ensemble.delete('json.info_0000000001')
  ensemble.set('json.info_0000000002', info(4))
  await leads(detector, 4)
})
