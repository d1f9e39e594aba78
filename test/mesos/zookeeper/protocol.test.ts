import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JuteReader } from '../../../src/mesos/detect/zookeeper/jute.ts'
import {
  authRequest,
  closeRequest,
  connectRequest,
  describeErrorReply,
  exists,
  getChildren2,
  getData,
  pingRequest,
  readConnectResponse,
  readReplyHeader,
  readWatchEvent,
  requestFrame,
} from '../../../src/mesos/detect/zookeeper/protocol.ts'

const reader = (hex: string) => new JuteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test('requests have the bytes that ZooKeeper takes', () => {
  const session = { id: 0x1122n, password: Buffer.alloc(16, 0xab), timeoutMs: 0 }
  const table: [string, Buffer, string][] = [
    [
      'new session',
      connectRequest(undefined, 10_000, 0n),
      `0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010 ${'00'.repeat(16)} 00`,
    ],
    [
      'resumed session',
      connectRequest(session, 4_000, 7n),
      `0000002d 00000000 0000000000000007 00000fa0 0000000000001122 00000010 ${'ab'.repeat(16)} 00`,
    ],
    ['ping', pingRequest(), '00000008 fffffffe 0000000b'],
    ['close', closeRequest(3), '00000008 00000003 fffffff5'],
    [
      'auth',
      authRequest('u:p'),
      '0000001d fffffffc 00000064 00000000 00000006 646967657374 00000003 753a70',
    ],
    [
      'getChildren2',
      requestFrame(1, getChildren2('/mesos', true)),
      '00000013 00000001 0000000c 00000006 2f6d65736f73 01',
    ],
    [
      'getData',
      requestFrame(2, getData('/m', false)),
      '0000000f 00000002 00000004 00000002 2f6d 00',
    ],
    ['exists', requestFrame(3, exists('/m', true)), '0000000f 00000003 00000003 00000002 2f6d 01'],
  ]
  for (const [name, frame, expected] of table) {
    assert.equal(frame.toString('hex'), expected.replaceAll(' ', ''), name)
  }
})

const STAT =
  '0000000000000005 0000000000000006 0000000000000007 0000000000000008 00000009 0000000a 0000000b 000000000000000c 0000000d 0000000e 000000000000000f'
const stat = {
  czxid: 5n,
  mzxid: 6n,
  ctime: 7n,
  mtime: 8n,
  version: 9,
  cversion: 10,
  aversion: 11,
  ephemeralOwner: 12n,
  dataLength: 13,
  numChildren: 14,
  pzxid: 15n,
}

test('replies are read', () => {
  assert.deepEqual(readReplyHeader(reader('00000001 00000000000000ff ffffff9b')), {
    xid: 1,
    zxid: 255n,
    error: -101,
  })
  assert.deepEqual(readWatchEvent(reader('00000004 00000003 00000002 2f6d')), {
    type: 4,
    state: 3,
    path: '/m',
  })
  assert.deepEqual(
    getChildren2('/m', true).read(reader(`00000002 00000001 61 00000001 62 ${STAT}`)),
    { children: ['a', 'b'], stat },
  )
  assert.deepEqual(getData('/m', true).read(reader(`00000002 cafe ${STAT}`)), {
    data: Buffer.from('cafe', 'hex'),
    stat,
  })
  assert.deepEqual(exists('/m', true).read(reader(STAT)), stat)
})

test('a connect response is read with and without the read-only flag', () => {
  for (const readOnly of ['', '00', '01']) {
    const hex = `00000000 00002710 0000000000001122 00000010 ${'ab'.repeat(16)} ${readOnly}`
    assert.deepEqual(readConnectResponse(reader(hex)), {
      timeoutMs: 10_000,
      id: 0x1122n,
      password: new Uint8Array(16).fill(0xab),
    })
  }
})

test('error replies have names, unknown ones their number', () => {
  assert.equal(describeErrorReply(-101), 'no such znode')
  assert.equal(describeErrorReply(-6), 'error -6')
})
