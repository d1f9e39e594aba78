import assert from 'node:assert/strict'
import { type AddressInfo, connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { CROWD, MANY, STATIC_RECORDS, variedCluster } from './clusters.ts'
import { ask, askOne, type Digger, type Printed } from './dig.ts'
import { needs } from './programs.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'

const DIGGERS: readonly Digger[] = ['dig', 'kdig']

const SOA = 'mesos. 60 SOA ns1.mesos. root.ns1.mesos. SERIAL 60 600 86400 60'
const WEB = [1, 2, 3].map((n) => `web.marathon.mesos. 60 A 10.0.0.${n}`)

const edns0 = { version: 0, flags: '', udp: 1232 }

/** Order means nothing, and the serial is the time. */
function settled(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/( SOA \S+ \S+) \d+/, '$1 SERIAL')).sort()
}

function sections({ status, answer, authority, additional }: Printed) {
  return {
    status,
    answer: settled(answer),
    authority: settled(authority),
    additional: settled(additional),
  }
}

describe('dig and kdig', needs('dig', 'kdig'), () => {
  let served: ServedCluster
  before(async () => {
    const settings = { nsid: 'replica-7', staticRecords: STATIC_RECORDS }
    served = await serveCluster(variedCluster(), { settings })
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
          assert.deepEqual(reply.edns, edns0)
        }
        const transports = replies.map(({ transport }) => transport)
        assert.deepEqual(transports, ['UDP', 'TCP', 'UDP', 'TCP'])
      })
    }
  })

  const noEdns = undefined
  const ednsRows: readonly {
    readonly flag: string
    readonly status?: string
    readonly flags?: string
    readonly edns?: Printed['edns']
    readonly options?: readonly string[]
  }[] = [
    { flag: '+noedns', edns: noEdns },
    { flag: '+nocookie' },
    { flag: '+ednsopt=65001' },
    { flag: '+ednsopt=65001:00112233' },
    { flag: '+ednsopt=100:ff +ednsopt=101 +ednsopt=65534:00' },
    { flag: '+padding=468' },
    { flag: '+subnet=192.0.2.0/24' },
    { flag: '+expire' },
    { flag: '+ednsflags=0x7fff' },
    { flag: '+dnssec', edns: { ...edns0, flags: 'do' } },
    { flag: '+nsid', options: ['NSID: 72 65 70 6c 69 63 61 2d 37 ("replica-7")'] },
    { flag: '+keepalive' },
    { flag: '+keepalive +tcp', options: ['TCP KEEPALIVE: 10.0 secs'] },
    { flag: '+bufsize=0' },
    { flag: '+bufsize=512' },
    { flag: '+bufsize=1232' },
    { flag: '+bufsize=4096' },
    { flag: '+bufsize=65535' },
    { flag: '+edns=1 +noednsneg', status: 'BADVERS', flags: 'qr rd ra' },
    { flag: '+edns=255 +noednsneg', status: 'BADVERS', flags: 'qr rd ra' },
    { flag: '+edns=1 +noednsneg +tcp +ednsopt=65001', status: 'BADVERS', flags: 'qr rd ra' },
    // dig asks again with the version that the OPT of BADVERS names: RFC 6891 §6.1.3.
    { flag: '+edns=100 +ednsneg' },
    { flag: '+norecurse', flags: 'qr aa ra' },
    { flag: '+cdflag', flags: 'qr aa rd ra cd' },
    { flag: '+adflag +zflag +aaflag +raflag' },
    { flag: '+tcflag', status: 'FORMERR', flags: 'qr rd', edns: noEdns },
    { flag: '+header-only', status: 'FORMERR', flags: 'qr rd', edns: noEdns },
  ]
  for (const row of ednsRows) {
    const { flag, status = 'NOERROR', flags = 'qr aa rd ra', options = [] } = row
    test(`dig ${flag}`, async () => {
      const reply = await askOne('dig', served, `web.marathon.mesos A ${flag}`)
      assert.equal(reply.status, status)
      assert.equal(reply.flags, flags)
      assert.deepEqual(reply.edns, 'edns' in row ? row.edns : edns0)
      assert.deepEqual(reply.options, options)
      assert.deepEqual(settled(reply.answer), status === 'NOERROR' ? WEB : [])
    })
  }

  test('kdig: NSID, an unknown option, BADVERS', async () => {
    const nsid = await askOne('kdig', served, 'leader.mesos A +nsid +ednsopt=65001:0102')
    assert.deepEqual(nsid.options, ['NSID: 7265706C6963612D37 "replica-7"'])
    const badVersion = await askOne('kdig', served, 'leader.mesos A +edns=1')
    assert.equal(badVersion.status, 'BADVERS')
    assert.deepEqual(badVersion.edns, edns0)
    assert.deepEqual(badVersion.answer, [])
  })

  test('cookies: one is given, known again, and replaced where it is wrong', async () => {
    const cookieOf = ({ options }: Printed) => /^COOKIE: (\w+)/.exec(options[0] ?? '')?.[1] ?? ''
    for (const digger of DIGGERS) {
      const first = await askOne(digger, served, 'web.marathon.mesos A +cookie=0123456789abcdef')
      const cookie = cookieOf(first)
      assert.match(cookie, /^0123456789abcdef01000000[0-9a-f]{24}$/i)
      const again = await askOne(digger, served, `web.marathon.mesos A +cookie=${cookie}`)
      assert.equal(cookieOf(again), cookie)
      const forged = cookie.slice(0, -4) + (cookie.endsWith('0000') ? '1111' : '0000')
      const other = await askOne(digger, served, `web.marathon.mesos A +cookie=${forged}`)
      assert.notEqual(cookieOf(other), forged)
      assert.equal(cookieOf(other).length, 48)
      for (const reply of [first, again, other]) {
        assert.deepEqual([reply.status, settled(reply.answer)], ['NOERROR', WEB])
      }
    }
    const malformed = await askOne('dig', served, 'web.marathon.mesos A +ednsopt=10:0102')
    assert.equal(malformed.status, 'FORMERR')
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
    assert.deepEqual(settled(denial.authority), [SOA.replace('mesos.', 'MeSoS.')])
  })

  test('opcodes that are not QUERY: NOTIMP, with the question where there is one', async () => {
    for (const opcode of ['IQUERY', 'STATUS', 'NOTIFY', 'UPDATE']) {
      const reply = await askOne('dig', served, `mesos SOA +opcode=${opcode}`)
      assert.deepEqual([reply.opcode, reply.status], [opcode, 'NOTIMP'])
      assert.deepEqual(reply.question, ['mesos. SOA'])
      assert.deepEqual([...reply.answer, ...reply.authority, ...reply.additional], [])
    }
    for (const opcode of [3, 6, 15]) {
      const reply = await askOne('dig', served, `mesos SOA +opcode=${opcode}`)
      assert.equal(reply.status, 'NOTIMP')
    }
  })

  test('classes that are not IN are refused', async () => {
    for (const question of ['version.bind CH TXT', 'id.server CH TXT', 'web.marathon.mesos HS A']) {
      const reply = await askOne('dig', served, question)
      assert.equal(reply.status, 'REFUSED', question)
      assert.deepEqual(reply.answer, [])
      assert.deepEqual(reply.options, ['EDE: 21 (Not Supported)'])
    }
  })

  test('class CH where it is on', async (t) => {
    const settings = { nsid: 'replica-7', chaosOn: true }
    const chaos = await serveCluster(variedCluster(), { settings })
    t.after(() => chaos.stop())
    const version = await askOne('dig', chaos, 'version.bind CH TXT')
    assert.deepEqual(version.answer, ['version.bind. 0 CH TXT "mesos-ns 0.0.0-test"'])
    const id = await askOne('kdig', chaos, 'id.server CH TXT')
    assert.deepEqual(id.answer, ['id.server. 0 CH TXT "replica-7"'])
  })

  test('zone transfers are refused', async () => {
    for (const type of ['AXFR', 'IXFR=1']) {
      const dug = await ask('dig', served, `mesos ${type}`)
      assert.match(dug.text, /Transfer failed/)
      const kdug = await ask('kdig', served, `mesos ${type}`)
      assert.match(kdug.text, /server replied with error 'REFUSED'/)
    }
  })

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
