import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { needs } from '../programs.ts'
import { STATIC_RECORDS, variedCluster, WEB_RECORDS as WEB } from './clusters.ts'
import { ask, askOne, DIGGERS, type Printed, settled } from './dig.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'

const SOA = 'mesos. 60 SOA ns1.mesos. root.ns1.mesos. SERIAL 60 600 86400 60'

function sections({ status, answer, authority, additional }: Printed) {
  return {
    status,
    answer: settled(answer),
    authority: settled(authority),
    additional: settled(additional),
  }
}

describe('dig and kdig: answers', needs('dig', 'kdig'), () => {
  let served: ServedCluster
  before(async () => {
    served = await serveCluster(variedCluster(), { settings: { staticRecords: STATIC_RECORDS } })
  })
  after(() => served?.stop())

  interface Row {
    readonly asked: string
    readonly status?: string
    readonly answer?: readonly string[]
    readonly authority?: readonly string[]
    readonly additional?: readonly string[]
  }

  const rows: readonly Row[] = [
    { asked: 'web.marathon.mesos A', answer: WEB },
    { asked: 'slave.mesos A', answer: [1, 2, 3].map((n) => `slave.mesos. 60 A 10.0.0.${n}`) },
    { asked: 'leader.mesos A', answer: ['leader.mesos. 60 A 127.0.0.1'] },
    { asked: 'v6.mesos AAAA', answer: ['v6.mesos. 60 AAAA 2001:db8::6'] },
    { asked: 'note.mesos TXT', answer: ['note.mesos. 60 TXT "of the operator"'] },
    {
      asked: '_web._tcp.marathon.mesos SRV',
      answer: [
        '_web._tcp.marathon.mesos. 60 SRV 0 1 31000 web-e844k-s1.marathon.slave.mesos.',
        '_web._tcp.marathon.mesos. 60 SRV 0 1 31000 web-izm16-s2.marathon.slave.mesos.',
        '_web._tcp.marathon.mesos. 60 SRV 0 1 31000 web-q9rt1-s0.marathon.slave.mesos.',
      ],
      additional: [
        'web-e844k-s1.marathon.slave.mesos. 60 A 10.0.0.2',
        'web-izm16-s2.marathon.slave.mesos. 60 A 10.0.0.3',
        'web-q9rt1-s0.marathon.slave.mesos. 60 A 10.0.0.1',
      ],
    },
    {
      asked: '_redis._cache._tcp.marathon.mesos SRV',
      answer: [
        '_redis._cache._tcp.marathon.mesos. 60 SRV 0 1 6379 cache-8331r-s0.marathon.mesos.',
        '_redis._cache._tcp.marathon.mesos. 60 SRV 0 1 6379 cache-x1w8y-s1.marathon.mesos.',
      ],
      additional: [
        'cache-8331r-s0.marathon.mesos. 60 A 9.0.0.2',
        'cache-8331r-s0.marathon.mesos. 60 AAAA fd01:b::1:1',
        'cache-x1w8y-s1.marathon.mesos. 60 A 9.0.1.2',
        'cache-x1w8y-s1.marathon.mesos. 60 AAAA fd01:b::2:1',
      ],
    },
    {
      asked: '_ldap._tcp.mesos SRV',
      answer: ['_ldap._tcp.mesos. 60 SRV 0 1 389 dir.example.com.'],
    },
    { asked: 'www.mesos CNAME', answer: ['www.mesos. 300 CNAME web.marathon.mesos.'] },
    { asked: 'www.mesos A', answer: [...WEB, 'www.mesos. 300 CNAME web.marathon.mesos.'] },
    {
      asked: 'www.mesos AAAA',
      answer: ['www.mesos. 300 CNAME web.marathon.mesos.'],
      authority: [SOA],
    },
    { asked: 'mesos SOA', answer: [SOA] },
    {
      asked: 'mesos NS',
      answer: ['mesos. 60 NS ns1.mesos.'],
      additional: ['ns1.mesos. 60 A 127.0.0.1'],
    },
    // A name without data of that type: RFC 2308 §2.2.
    { asked: 'mesos A', authority: [SOA] },
    { asked: 'mesos DS', authority: [SOA] },
    { asked: 'web.marathon.mesos AAAA', authority: [SOA] },
    { asked: 'web.marathon.mesos SRV', authority: [SOA] },
    { asked: 'web.marathon.mesos SOA', authority: [SOA] },
    { asked: 'web.marathon.mesos NS', authority: [SOA] },
    { asked: 'web.marathon.mesos MX', authority: [SOA] },
    { asked: 'web.marathon.mesos TYPE65', authority: [SOA] },
    { asked: 'web.marathon.mesos TYPE65534', authority: [SOA] },
    // Empty non-terminals exist: RFC 8020 §2.
    { asked: '_tcp.marathon.mesos SRV', authority: [SOA] },
    { asked: 'prod.team.mesos A', authority: [SOA] },
    { asked: '5.mesos A', authority: [SOA] },
    { asked: 'shop.marathon.mesos A', authority: [SOA] },
    { asked: 'nothing.at.all.mesos A', authority: [SOA] },
    // Names that do not.
    { asked: 'nope.mesos A', status: 'NXDOMAIN', authority: [SOA] },
    { asked: 'nope.web.marathon.mesos AAAA', status: 'NXDOMAIN', authority: [SOA] },
    { asked: '_nope._tcp.marathon.mesos SRV', status: 'NXDOMAIN', authority: [SOA] },
    { asked: 'nope.mesos SOA', status: 'NXDOMAIN', authority: [SOA] },
    { asked: 'nope.mesos ANY', status: 'NXDOMAIN', authority: [SOA] },
    // RFC 8482 §4.2.
    { asked: 'web.marathon.mesos ANY', answer: ['web.marathon.mesos. 8482 HINFO "RFC8482" ""'] },
    { asked: '_tcp.marathon.mesos ANY', authority: [SOA] },
    // Mesos-DNS takes out every `.*`.
    {
      asked: 'web.*.marathon.mesos A',
      answer: [1, 2, 3].map((n) => `web.*.marathon.mesos. 60 A 10.0.0.${n}`),
    },
    { asked: 'www.example.com A', status: 'REFUSED' },
    { asked: 'xmesos A', status: 'REFUSED' },
    { asked: '. NS', status: 'REFUSED' },
  ]

  describe('the same over UDP and TCP, to both', () => {
    const ways = DIGGERS.flatMap((digger) =>
      ['+notcp', '+tcp'].map((transport) => ({ digger, transport })),
    )
    let sessions: Printed[][]
    before(async () => {
      const questions = rows.map(({ asked }) => asked)
      sessions = await Promise.all(
        ways.map(async ({ digger, transport }) => {
          const { replies, text } = await ask(digger, served, `+edns=0 ${transport}`, ...questions)
          assert.equal(replies.length, rows.length, text)
          return [...replies]
        }),
      )
    })
    for (const [i, { asked, status = 'NOERROR', ...expected }] of rows.entries()) {
      test(asked, () => {
        const replies = sessions.flatMap((session) => session[i] ?? [])
        for (const reply of replies) {
          const nothing = { answer: [], authority: [], additional: [] }
          assert.deepEqual(sections(reply), { status, ...nothing, ...expected })
          assert.equal(reply.flags, status === 'REFUSED' ? 'qr rd' : 'qr aa rd ra')
          assert.deepEqual(reply.edns, { version: 0, flags: '', udp: 1232 })
        }
        const transports = replies.map(({ transport }) => transport)
        assert.deepEqual(transports, ['UDP', 'TCP', 'UDP', 'TCP'])
      })
    }
  })

  test('the case of a question comes back in its answer, and in the SOA of a denial', async () => {
    const reply = await askOne('dig', served, 'wEb.MaRaThOn.MeSoS A')
    assert.deepEqual(reply.question, ['wEb.MaRaThOn.MeSoS. A'])
    assert.deepEqual(
      settled(reply.answer),
      [1, 2, 3].map((n) => `wEb.MaRaThOn.MeSoS. 60 A 10.0.0.${n}`),
    )
    const srv = await askOne('dig', served, '_WEB._TCP.Marathon.Mesos SRV')
    assert.equal(srv.answer.length, 3)
    assert.ok(srv.answer.every((line) => line.startsWith('_WEB._TCP.Marathon.Mesos. 60 SRV ')))
    const denial = await askOne('dig', served, 'nOpE.MeSoS A')
    assert.equal(denial.status, 'NXDOMAIN')
    assert.deepEqual(settled(denial.authority), [SOA.replaceAll('mesos.', 'MeSoS.')])
  })
})

describe('dig before the first state', needs('dig', 'kdig'), () => {
  test('SERVFAIL with EDE 14, until there is one', async (t) => {
    const served = await serveCluster(variedCluster(), { withoutState: true })
    t.after(() => served.stop())
    for (const question of ['web.marathon.mesos A', 'nope.mesos SRV', 'mesos SOA']) {
      const reply = await askOne('dig', served, question)
      assert.deepEqual(
        [reply.status, reply.flags, reply.options],
        ['SERVFAIL', 'qr rd ra', ['EDE: 14 (Not Ready)']],
      )
      assert.deepEqual([...reply.answer, ...reply.authority, ...reply.additional], [])
    }
    const kdug = await askOne('kdig', served, 'leader.mesos A +edns +tcp')
    assert.deepEqual([kdug.status, kdug.options], ['SERVFAIL', ['EDE: 14 (Not Ready)']])
    const outside = await askOne('dig', served, 'www.example.com A')
    assert.equal(outside.status, 'REFUSED')

    served.master.faults.clear()
    await served.refresh()
    const reply = await askOne('dig', served, 'web.marathon.mesos A')
    assert.deepEqual([reply.status, reply.options], ['NOERROR', []])
    assert.deepEqual(settled(reply.answer), WEB)
  })

  test('and no SERVFAIL when the master fails later', async (t) => {
    const served = await serveCluster(variedCluster())
    t.after(() => served.stop())
    served.master.faults.always({ kind: 'reset' })
    await served.refresh()
    const reply = await askOne('dig', served, 'web.marathon.mesos A')
    assert.deepEqual(settled(reply.answer), WEB)
  })
})

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1')

describe(
  'dig over IPv6',
  hasIpv6 ? needs('dig', 'kdig') : { skip: 'this host has no IPv6' },
  () => {
    test('the same answers on ::1', async (t) => {
      const served = await serveCluster(variedCluster(), { settings: { listener: '::1' } })
      t.after(() => served.stop())
      for (const digger of DIGGERS) {
        for (const transport of ['+notcp', '+tcp']) {
          const reply = await askOne(digger, served, `web.marathon.mesos A ${transport}`)
          assert.deepEqual([reply.status, settled(reply.answer)], ['NOERROR', WEB])
        }
        const ns = await askOne(digger, served, 'ns1.mesos AAAA')
        assert.deepEqual(ns.answer, ['ns1.mesos. 60 AAAA ::1'])
      }
    })
  },
)
