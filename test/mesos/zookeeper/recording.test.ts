import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { silentLogger } from '../../../src/log.ts'
import { FrameDecoder } from '../../../src/mesos/detect/zookeeper/frames.ts'
import { createZookeeperDetector } from '../../../src/mesos/detect/zookeeper/index.ts'
import { JuteReader } from '../../../src/mesos/detect/zookeeper/jute.ts'
import { parseJsonMasterInfo } from '../../../src/mesos/detect/zookeeper/master-info.ts'
import {
  connectRequest,
  getData,
  OpCode,
  pingRequest,
  readConnectResponse,
  readReplyHeader,
  readWatchEvent,
  requestFrame,
  Xid,
} from '../../../src/mesos/detect/zookeeper/protocol.ts'
import { formatHostPort } from '../../../src/net/address.ts'
import { sharedPath } from '../../shared.ts'
import { FakeZookeeper } from './fake-zookeeper.ts'
import { until } from './waiting.ts'

const FILE = sharedPath('mesos/zookeeper/mesos-resolve-session.ndjson')
const skip = FILE === undefined && 'the recorded session is not beside this checkout'

interface Message {
  readonly dir: 'c>s' | 's>c'
  readonly frame: Buffer
}

/** The messages of the recorded session in order, put together from reads split anywhere. */
function recorded(): Message[] {
  const decoders = { 'c>s': new FrameDecoder(), 's>c': new FrameDecoder() }
  return readFileSync(FILE ?? '', 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const { dir, hex } = JSON.parse(line) as { dir: Message['dir']; hex: string }
      decoders[dir].push(Buffer.from(hex, 'hex'))
      const messages: Message[] = []
      for (let frame = decoders[dir].next(); frame; frame = decoders[dir].next()) {
        messages.push({ dir, frame })
      }
      return messages
    })
}

/** The older form of getChildren2, which the recorded client used: its reply is the list alone. */
const GET_CHILDREN = 8

/** Children lists in order, and contents by path, that the recorded server sent. */
function exchanges() {
  const asked = new Map<number, { opCode: number; path: string }>()
  const lists: string[][] = []
  const contents = new Map<string, Buffer>()
  for (const { dir, frame } of recorded().slice(2)) {
    const reader = new JuteReader(frame)
    if (dir === 'c>s') {
      const xid = reader.int()
      const opCode = reader.int()
      if (opCode !== OpCode.ping) asked.set(xid, { opCode, path: reader.string() })
      continue
    }
    const request = asked.get(readReplyHeader(reader).xid)
    if (request?.opCode === GET_CHILDREN) lists.push(reader.strings())
    if (request?.opCode !== OpCode.getData) continue
    contents.set(request.path, getData(request.path, false).read(reader).data)
  }
  return { lists, contents }
}

test('our requests have the bytes of a real client', { skip }, () => {
  const [connect, ...rest] = recorded().filter(({ dir }) => dir === 'c>s')
  const bare = (frame: Buffer) => frame.subarray(4).toString('hex')
  assert.equal(connect?.frame.toString('hex'), bare(connectRequest(undefined, 10_000, 0n)))
  let compared = 0
  for (const { frame } of rest) {
    const reader = new JuteReader(frame)
    const xid = reader.int()
    const opCode = reader.int()
    if (opCode === OpCode.ping) {
      assert.equal(frame.toString('hex'), bare(pingRequest()))
      compared++
    } else if (opCode === OpCode.getData) {
      const ours = requestFrame(xid, getData(reader.string(), reader.boolean()))
      assert.equal(frame.toString('hex'), bare(ours))
      compared++
    }
  }
  assert.ok(compared > 10)
})

test('every recorded answer is understood', { skip }, () => {
  const [connect, ...rest] = recorded().filter(({ dir }) => dir === 's>c')
  assert.ok(connect)
  const session = readConnectResponse(new JuteReader(connect.frame))
  assert.equal(session.timeoutMs, 10_000)
  assert.notEqual(session.id, 0n)
  let watchEvents = 0
  for (const { frame } of rest) {
    const reader = new JuteReader(frame)
    const { xid } = readReplyHeader(reader)
    if (xid !== Xid.watchEvent) continue
    assert.deepEqual(readWatchEvent(reader), { type: 4, state: 3, path: '/mesos' })
    watchEvents++
  }
  assert.equal(watchEvents, 3)
})

test('the recorded elections, one after another', { skip }, async (t) => {
  const { lists, contents } = exchanges()
  assert.equal(lists.length, 4)
  const fake = await FakeZookeeper.listen()
  t.after(() => fake.close())
  // The recorded client read the leaders only, so the others are made up.
  const contentOf = (name: string) =>
    contents.get(`/mesos/${name}`) ?? `{"address":{"ip":"127.0.0.9","port":${name.slice(-1)}}}`
  const detector = createZookeeperDetector({
    url: { hosts: [fake.server], path: '/mesos' },
    log: silentLogger,
  })
  t.after(() => detector.stop())
  const leaders: string[] = []
  detector.onChange(() => {
    const leader = detector.leader && formatHostPort(detector.leader)
    if (leader !== undefined) leaders.push(leader)
  })
  detector.start()
  for (const names of lists) {
    for (const name of names) if (!fake.znodes?.has(name)) fake.set(name, contentOf(name))
    for (const name of fake.znodes?.keys() ?? []) if (!names.includes(name)) fake.delete(name)
    const masters = names.filter((name) => name.startsWith('json.info_'))
    await until(`${masters} are known`, () => detector.masters.length === masters.length)
  }
  const expected = [...contents.values()].map((data) =>
    formatHostPort(parseJsonMasterInfo(data).address),
  )
  assert.equal(expected.length, 2)
  assert.deepEqual(
    [...new Set(leaders.filter((leader) => !leader.startsWith('127.0.0.9')))],
    expected,
  )
})
