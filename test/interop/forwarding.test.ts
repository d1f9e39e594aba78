import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort, needs } from '../programs.ts'
import { variedCluster } from './clusters.ts'
import { ask, askOne, DIGGERS } from './dig.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'
import { startUnbound, type Unbound } from './unbound.ts'

const ADDRESSES = Array.from({ length: 100 }, (_, n) => `192.0.2.${n}`)

/** Answers of its own for two zones; there is nothing it would have to look up. */
const UPSTREAM = [
  '  local-zone: "." refuse',
  '  local-zone: "example.com." static',
  '  local-data: "www.example.com. 300 A 192.0.2.1"',
  '  local-data: "www.example.com. 300 AAAA 2001:db8::1"',
  '  local-data: "_sip._tcp.example.com. 300 SRV 1 2 5060 www.example.com."',
  '  local-data: "example.com. 300 SOA ns.example.com. root.example.com. 7 8 9 10 11"',
  ...ADDRESSES.map((address) => `  local-data: "many.example.com. 300 A ${address}"`),
  '  max-udp-size: 4096',
]

describe('Unbound behind us, for names outside the zone', needs('unbound', 'dig', 'kdig'), () => {
  let upstream: Unbound
  let served: ServedCluster
  before(async () => {
    upstream = await startUnbound(UPSTREAM)
    served = await serveCluster(variedCluster(), {
      // Nobody listens on the first one.
      settings: {
        externalOn: true,
        resolvers: [`127.0.0.1:${await freePort()}`, `127.0.0.1:${upstream.port}`],
      },
    })
  })
  after(async () => {
    await served?.stop()
    await upstream?.stop()
  })

  for (const question of [
    'www.example.com A',
    'www.example.com AAAA',
    'www.example.com MX',
    '_sip._tcp.example.com SRV',
    'nope.example.com A',
    'refused.example.net A',
    'wWw.ExAmPlE.cOm A',
    'www.example.com A +norecurse',
    'www.example.com A +cdflag',
    'www.example.com A +dnssec',
    'www.example.com A +noedns',
    'www.example.com A +ednsopt=65001:00',
    'many.example.com A +ignore +noedns',
    'many.example.com A +ignore +bufsize=512',
    'many.example.com A +ignore +bufsize=1232',
    'many.example.com A',
  ]) {
    test(`${question}: what it answers is what we answer`, async () => {
      for (const digger of DIGGERS) {
        for (const transport of ['+notcp', '+tcp']) {
          const words = `${question} ${transport}`
          const [direct, through] = await Promise.all([
            askOne(digger, upstream, words),
            askOne(digger, served, words),
          ])
          // Sets of records it puts into another order each time.
          const settled = (reply: typeof direct) => ({ ...reply, answer: [...reply.answer].sort() })
          assert.deepEqual(settled(through), settled(direct), words)
        }
      }
    })
  }

  test('our own names are not asked for there', async () => {
    await upstream.stop()
    const own = await askOne('dig', served, 'nope.mesos A')
    assert.equal(own.status, 'NXDOMAIN')
    const { replies } = await ask('dig', served, 'www.example.com A')
    assert.deepEqual(
      replies.map(({ status }) => status),
      ['SERVFAIL'],
    )
  })
})
