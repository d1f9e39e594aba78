import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RecordSet } from '../../src/records/record-set.ts'
import { presentation, sorted } from '../presentation.ts'
import { needs } from '../programs.ts'
import { CROWD, MANY, STATIC_RECORDS, variedCluster } from './clusters.ts'
import { askOne } from './dig.ts'
import { type Reply, ResolverClient } from './resolver-client.ts'
import { type ServedCluster, serveCluster } from './served-cluster.ts'
import { startUnbound, type Unbound } from './unbound.ts'

const TTL = 3600

/**
 * Every name and type once asked for must be found again, so the resolver is made as strict as it can be:
 * it mixes the case of what it asks (0x20), asks label by label, and takes NXDOMAIN at its word
 * (RFC 8020). Unbound's harden-below-nxdomain trusts only what is signed; for a zone like ours, strict
 * minimisation is what ends at the NXDOMAIN of a name that others are below.
 */
function configuration(port: number): string[] {
  const address = `127.0.0.1@${port}`
  return [
    '  verbosity: 2',
    '  use-caps-for-id: yes',
    '  qname-minimisation: yes',
    '  qname-minimisation-strict: yes',
    '  harden-below-nxdomain: yes',
    '  harden-glue: yes',
    '  harden-referral-path: no',
    '  domain-insecure: "mesos."',
    '  local-zone: "d.f.ip6.arpa." nodefault',
    'stub-zone:',
    '  name: "mesos."',
    `  stub-addr: ${address}`,
    // Of the reverse names only those of our own addresses are ours, so there is no zone to delegate.
    ...['9.in-addr.arpa.', 'd.f.ip6.arpa.'].flatMap((name) => [
      'forward-zone:',
      `  name: "${name}"`,
      `  forward-addr: ${address}`,
    ]),
  ]
}

describe('Unbound in front of us', needs('unbound', 'kdig'), () => {
  let served: ServedCluster
  let unbound: Unbound
  let client: ResolverClient
  let records: RecordSet

  before(async () => {
    served = await serveCluster(variedCluster(), {
      settings: { ttl: TTL, SOAMinttl: TTL, ReverseDnsOn: true, staticRecords: STATIC_RECORDS },
    })
    records = await served.records()
    unbound = await startUnbound(configuration(served.port))
    client = new ResolverClient(unbound.port)
  })
  after(async () => {
    client?.close()
    await unbound?.stop()
    await served?.stop()
  })

  const ofZone = (name: string) => name.endsWith('.mesos.')
  const ownerNames = () => new Set([...records].map(({ name }) => name))

  /** Every name that others are below, the apex included. */
  function ancestors(): Set<string> {
    const found = new Set<string>()
    for (const name of ownerNames()) {
      if (!ofZone(name)) continue
      for (let at = name.indexOf('.') + 1; at < name.length; at = name.indexOf('.', at) + 1) {
        found.add(name.slice(at))
      }
    }
    return found
  }

  /** The sections of a denial: nothing but the SOA of the zone, for as long as may be cached. */
  function assertDenied(reply: Reply, rcode: string) {
    const { answers, authorities = [] } = reply
    const [name] = (reply.questions ?? []).map((question) => question.name)
    assert.equal(reply.rcode, rcode, name)
    assert.deepEqual(presentation(answers), [], name)
    const soa = /^mesos\. (\d+) SOA ns1\.mesos\. root\.ns1\.mesos\. \d+ 60 600 86400 3600$/
    const [, ttl] = soa.exec(presentation(authorities).join()) ?? []
    assert.ok(Number(ttl) > 0 && Number(ttl) <= TTL, presentation(authorities).join())
  }

  test('names that do not exist, beside and below everything', async () => {
    const missing = [...ancestors(), ...ownerNames()]
      .filter((name) => name === 'mesos.' || ofZone(name))
      .map((name) => `nope.${name}`)
    const questions = missing.flatMap((name) => ['A', 'SRV'].map((type) => ({ name, type })))
    assert.ok(questions.length > 1000)
    for (const { reply } of await client.askAll(questions)) assertDenied(reply, 'NXDOMAIN')
  })

  test('empty non-terminals', async () => {
    const owners = ownerNames()
    const empty = [...ancestors()].filter((name) => !owners.has(name))
    for (const name of ['mesos.', '_tcp.marathon.mesos.', 'prod.team.mesos.', '5.slave.mesos.']) {
      assert.ok(empty.includes(name), name)
    }
    const questions = empty.flatMap((name) =>
      ['A', 'AAAA', 'SRV', 'TXT'].map((type) => ({ name, type })),
    )
    for (const { reply } of await client.askAll(questions)) assertDenied(reply, 'NOERROR')
  })

  test('after those, every name and type of the zone', async () => {
    const questions = [...records]
    assert.ok(questions.some(({ rdata }) => rdata.length === MANY))
    assert.ok(questions.some(({ rdata }) => rdata.length === CROWD))
    assert.ok(questions.some(({ type }) => type === 'PTR'))
    const results = await client.askAll(questions)
    for (const { question, reply } of results) {
      const { name, type, rdata, ttl = TTL } = question
      const answers = reply.answers ?? []
      assert.equal(reply.rcode, 'NOERROR', `${name} ${type}`)
      // What has been in the cache for a moment has that much less to live.
      const settled = sorted(answers).map((line) => line.replace(/ \d+ /, ' TTL '))
      assert.deepEqual(settled, rdata.map((data) => `${name} TTL ${type} ${data}`).sort())
      for (const answer of answers) assert.ok('ttl' in answer && (answer.ttl ?? 0) <= ttl)
    }
    assert.ok(results.length > 1000)
  })

  test('types that its names do not have', async () => {
    const questions = [...ownerNames()]
      .filter((name) => ofZone(name) && records.get('CNAME', name) === undefined)
      .flatMap((name) =>
        (['A', 'AAAA', 'SRV', 'TXT'] as const)
          .filter((type) => records.get(type, name) === undefined)
          .map((type) => ({ name, type })),
      )
    assert.ok(questions.length > 1000)
    for (const { reply } of await client.askAll(questions)) assertDenied(reply, 'NOERROR')
  })

  test('a CNAME of ours is followed', async () => {
    const reply = await client.ask('www.mesos.', 'A')
    assert.deepEqual(
      sorted(reply.answers).map((line) => line.replace(/ \d+ /, ' ')),
      [
        'web.marathon.mesos. A 10.0.0.1',
        'web.marathon.mesos. A 10.0.0.2',
        'web.marathon.mesos. A 10.0.0.3',
        'www.mesos. CNAME web.marathon.mesos.',
      ],
    )
  })

  test('our echo of its mixed case never made it doubt an answer', () => {
    const doubts = unbound.output().match(/^.*(?:caps-?for-?id|wrong case|0x20).*$/gim) ?? []
    assert.deepEqual(doubts, [])
  })

  test('when we are gone, answers and denials still are in its cache', async () => {
    await served.stop()
    await assert.rejects(askOne('kdig', served, 'web.marathon.mesos A +tcp'), /0 replies/)
    const addresses = await client.ask('web.marathon.mesos.', 'A')
    assert.equal(addresses.answers?.length, 3)
    const crowd = await client.ask('_crowd._tcp.marathon.mesos.', 'SRV')
    assert.equal(crowd.answers?.length, CROWD)
    assertDenied(await client.ask('nope.marathon.mesos.', 'SRV'), 'NXDOMAIN')
    assertDenied(await client.ask('_tcp.marathon.mesos.', 'SRV'), 'NOERROR')
    assertDenied(await client.ask('web.marathon.mesos.', 'AAAA'), 'NOERROR')
  })
})
