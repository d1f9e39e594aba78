import assert from 'node:assert/strict'
import { type AddressInfo, connect, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { needs } from '../programs.ts'
import { CROWD, MANY, variedCluster } from './clusters.ts'
import { ask, askOne, DIGGERS, settled } from './dig.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'

describe('dig and kdig: truncation and TCP', needs('dig', 'kdig'), () => {
  let served: ServedCluster
  before(async () => {
    served = await serveCluster(variedCluster())
  })
  after(() => served?.stop())

  for (const [type, digger] of [
    ['A', 'dig'],
    ['SRV', 'kdig'],
  ] as const) {
    const name = type === 'A' ? 'many.marathon.mesos' : '_many._tcp.marathon.mesos'
    test(`${type}: a truncated answer is the same records each time, shuffled`, async () => {
      const whole = new Set((await askOne(digger, served, `${name} ${type} +tcp`)).answer)
      assert.equal(whole.size, MANY)
      for (const [size, limit] of [
        ['+noedns', 512],
        ['+bufsize=512', 512],
        ['+bufsize=1232', 1232],
        ['+bufsize=4096', 1232],
      ] as const) {
        const question = `${name} ${type} ${size} +ignore`
        const replies = await Promise.all(
          Array.from({ length: 5 }, () => askOne(digger, served, question)),
        )
        const subsets = new Set(replies.map(({ answer }) => settled(answer).join('\n')))
        const orders = new Set(replies.map(({ answer }) => answer.join('\n')))
        assert.deepEqual([subsets.size, orders.size > 1], [1, true], size)
        for (const { flags, octets, answer, transport } of replies) {
          assert.deepEqual([flags, transport], ['qr aa tc rd ra', 'UDP'])
          assert.ok(octets <= limit, `${octets} octets of ${limit}`)
          assert.ok(answer.length > 0 && answer.every((line) => whole.has(line)))
          // What is left of the datagram is too little for one record more.
          if (type === 'A') assert.ok(octets + 16 > limit, `only ${octets} octets of ${limit}`)
        }
      }
    })
  }

  test('glue that does not fit sets no TC', async () => {
    const question = '_edge._tcp.marathon.mesos SRV'
    const whole = await askOne('dig', served, `${question} +bufsize=1232`)
    assert.deepEqual([whole.answer.length, whole.additional.length], [8, 8])
    const small = await askOne('dig', served, `${question} +bufsize=512 +ignore`)
    assert.equal(small.flags, 'qr aa rd ra')
    assert.ok(small.octets <= 512)
    assert.deepEqual(settled(small.answer), settled(whole.answer))
    assert.ok(small.additional.length < 8)
    assert.ok(small.additional.every((line) => whole.additional.includes(line)))
  })

  test('after a truncated answer both ask again over TCP and get everything', async () => {
    for (const digger of DIGGERS) {
      const reply = await askOne(digger, served, '_many._tcp.marathon.mesos SRV')
      assert.deepEqual([reply.transport, reply.flags], ['TCP', 'qr aa rd ra'])
      assert.equal(reply.answer.length, MANY)
      assert.equal(reply.additional.length, MANY)
    }
  })

  test('an answer beyond the reach of compression pointers, every target with its glue', async () => {
    const records = await served.records()
    const owner = '_crowd._tcp.marathon.mesos.'
    const srv = records.get('SRV', owner)?.rdata ?? []
    assert.equal(srv.length, CROWD)
    const addresses = srv.map((rdata) => {
      const target = rdata.split(' ')[3] ?? ''
      return `${target} 60 A ${records.get('A', target)?.rdata[0]}`
    })
    for (const digger of DIGGERS) {
      const reply = await askOne(digger, served, `${owner} SRV +tcp`)
      assert.ok(reply.octets > 0x3fff, `${reply.octets} octets`)
      assert.deepEqual(settled(reply.answer), srv.map((rdata) => `${owner} 60 SRV ${rdata}`).sort())
      assert.deepEqual(settled(reply.additional), [...new Set(addresses)].sort())
    }
  })

  test('many queries over one TCP connection', async (t) => {
    const names = ['web.marathon.mesos', 'nope.mesos', 'leader.mesos', '_tcp.marathon.mesos']
    for (const digger of DIGGERS) {
      const proxy = await countingProxy(served.port)
      t.after(() => proxy.close())
      const questions = Array.from({ length: 5 }, () => names.map((name) => `${name} A`)).flat()
      const { replies, text } = await ask(digger, proxy, '+tcp +keepopen', ...questions)
      assert.equal(replies.length, questions.length, text)
      assert.deepEqual(
        replies.map(({ question }) => question[0]),
        questions.map((question) => question.replace(' ', '. ')),
      )
      const statuses = ['NOERROR', 'NXDOMAIN', 'NOERROR', 'NOERROR']
      assert.deepEqual(
        replies.map(({ status }) => status),
        questions.map((_, i) => statuses[i % 4]),
      )
      assert.equal(proxy.connections(), 1, digger)
    }
  })
})

/** Passes TCP on to a port of 127.0.0.1 and counts the connections. */
async function countingProxy(port: number) {
  let connections = 0
  const server = createServer((client) => {
    connections++
    const upstream = connect(port, '127.0.0.1')
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => server.close(),
  }
}
