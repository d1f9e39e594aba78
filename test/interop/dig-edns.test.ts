import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { needs } from '../programs.ts'
import { variedCluster, WEB_RECORDS as WEB } from './clusters.ts'
import { ask, askOne, DIGGERS, type Printed, settled } from './dig.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'

const edns0 = { version: 0, flags: '', udp: 1232 }

describe('dig and kdig: options, versions, opcodes, classes', needs('dig', 'kdig'), () => {
  let served: ServedCluster
  before(async () => {
    served = await serveCluster(variedCluster(), { settings: { nsid: 'replica-7' } })
  })
  after(() => served?.stop())

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
})
