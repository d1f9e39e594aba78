import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clientAddress, Handler } from '../../src/dns/handler.ts'
import type { Forwarder } from '../../src/forward/index.ts'
import { RCODE } from '../../src/net/dns-numbers.ts'
import { answererOf, encode, header } from './question.ts'

const SOURCE = { transport: 'udp', address: '10.0.0.9' } as const

const broken: Forwarder = {
  forward: async () => {
    throw new Error('forwarder is broken')
  },
  close: async () => {},
}

describe('a fault of ours', () => {
  function handled(message: Buffer) {
    const faults: string[] = []
    const answerer = answererOf(['leader.mesos. - A 10.0.0.1'])
    Object.defineProperty(answerer.zone, 'shardOf', {
      value: () => {
        throw new Error('zone is broken')
      },
    })
    const handler = new Handler(answerer, broken, ({ message }) => faults.push(message))
    return { reply: handler.handle(message, SOURCE), faults }
  }

  test('costs that one answer, in the zone', () => {
    const { reply, faults } = handled(encode({ id: 7 }))
    assert.ok(reply instanceof Uint8Array)
    const { id, rcode, counts } = header(reply)
    assert.deepEqual([id, rcode, counts], [7, RCODE.SERVFAIL, [0, 0, 0, 0]])
    assert.deepEqual(faults, ['zone is broken'])
  })

  test('and beyond it', async () => {
    const { reply, faults } = handled(encode({ id: 8, name: 'example.com.' }))
    const { id, rcode } = header((await reply) ?? new Uint8Array())
    assert.deepEqual([id, rcode], [8, RCODE.SERVFAIL])
    assert.deepEqual(faults, ['forwarder is broken'])
  })
})

describe('clientAddress', () => {
  for (const [socket, client] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:a00:1', '::ffff:a00:1'],
  ] as const) {
    test(socket, () => assert.equal(clientAddress(socket), client))
  }
})
