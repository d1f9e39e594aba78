import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import packet, { type Answer } from 'dns-packet'
import { type Answers, replyTo, stubServer } from './name-server.ts'
import { run } from './terminal.ts'

/** Asks a stub; tabs of the output become blanks. */
async function ask(t: TestContext, answers: Answers, line: readonly string[]) {
  const port = await stubServer(t, answers)
  const { status, out, complaints } = await run(['lookup', ...line, '--port', String(port)])
  return { status, lines: out.replaceAll('\t', ' ').split('\n').slice(0, -1), complaints, port }
}

const A: Answer = { type: 'A', name: 'web.mesos', ttl: 60, data: '10.0.0.1' }

describe('lookup prints', () => {
  const RECORDS: readonly (readonly [type: string, answer: Answer, line: string])[] = [
    ['A', A, 'web.mesos. 60 IN A 10.0.0.1'],
    [
      'AAAA',
      { type: 'AAAA', name: 'web.mesos', ttl: 1, data: 'fd01:b::1' },
      'web.mesos. 1 IN AAAA fd01:b::1',
    ],
    [
      'SRV',
      {
        type: 'SRV',
        name: '_web._tcp.mesos',
        ttl: 60,
        data: { priority: 0, weight: 1, port: 31000, target: 'web-x-s0.mesos' },
      },
      '_web._tcp.mesos. 60 IN SRV 0 1 31000 web-x-s0.mesos.',
    ],
    [
      'PTR',
      { type: 'PTR', name: 'web.mesos', ttl: 0, data: 'a.mesos' },
      'web.mesos. 0 IN PTR a.mesos.',
    ],
    ['NS', { type: 'NS', name: 'mesos', ttl: 60, data: 'ns1.mesos' }, 'mesos. 60 IN NS ns1.mesos.'],
    [
      'CNAME',
      { type: 'CNAME', name: 'www.mesos', ttl: 60, data: 'web.mesos' },
      'www.mesos. 60 IN CNAME web.mesos.',
    ],
    [
      'MX',
      { type: 'MX', name: 'mesos', ttl: 60, data: { preference: 10, exchange: 'mail.mesos' } },
      'mesos. 60 IN MX 10 mail.mesos.',
    ],
    [
      'TXT',
      { type: 'TXT', name: 'mesos', ttl: 60, data: ['say "hi"', 'back\\slash é'] },
      'mesos. 60 IN TXT "say \\"hi\\"" "back\\\\slash \\195\\169"',
    ],
    [
      'SOA',
      {
        type: 'SOA',
        name: 'mesos',
        ttl: 60,
        data: {
          mname: 'ns1.mesos',
          rname: 'root.ns1.mesos',
          serial: 4_000_000_000,
          refresh: 60,
          retry: 600,
          expire: 86400,
          minimum: 30,
        },
      },
      'mesos. 60 IN SOA ns1.mesos. root.ns1.mesos. 4000000000 60 600 86400 30',
    ],
    [
      'CAA',
      { type: 'CAA', name: 'mesos', ttl: 60, data: { flags: 0, tag: 'issue', value: 'ca.test' } },
      'mesos. 60 IN CAA 0 issue "ca.test"',
    ],
    [
      'HINFO',
      { type: 'HINFO', name: 'mesos', ttl: 60, data: { cpu: 'a', os: 'b' } },
      'mesos. 60 IN HINFO \\# 4 01610162',
    ],
    [
      'A',
      { type: 'A', name: 'a b(c).mesos', ttl: 60, data: '10.0.0.1' },
      'a\\032b\\(c\\).mesos. 60 IN A 10.0.0.1',
    ],
  ]
  for (const [type, answer, line] of RECORDS) {
    test(line, async (t) => {
      const { status, lines } = await ask(t, (query) => replyTo(query, [answer]), ['mesos', type])
      assert.deepEqual([status, lines], [0, [line]])
    })
  }

  test('only rdata with --short', async (t) => {
    const { lines } = await ask(t, (query) => replyTo(query, [A]), ['web.mesos', '--short'])
    assert.deepEqual(lines, ['10.0.0.1'])
  })

  test('the whole message with --json', async (t) => {
    const flags = packet.AUTHORITATIVE_ANSWER | packet.RECURSION_DESIRED
    const answers: Answers = (query) => replyTo(query, [A], { flags, additionals: [A] })
    const { status, lines, port } = await ask(t, answers, ['web.mesos', '--json'])
    const record = { name: 'web.mesos.', ttl: 60, class: 'IN', type: 'A', rdata: '10.0.0.1' }
    assert.equal(status, 0)
    assert.deepEqual(JSON.parse(lines.join('\n')), {
      server: `127.0.0.1:${port}`,
      transport: 'udp',
      status: 'NOERROR',
      flags: ['aa', 'rd'],
      question: { name: 'web.mesos.', type: 'A' },
      answers: [record],
      authorities: [],
      additionals: [record],
    })
  })
})

describe('lookup asks', () => {
  const QUESTIONS: readonly (readonly [line: string, name: string, type: string])[] = [
    ['web.mesos', 'web.mesos', 'A'],
    ['web.mesos.', 'web.mesos', 'A'],
    ['Web.Mesos srv', 'Web.Mesos', 'SRV'],
    ['web.mesos TYPE28', 'web.mesos', 'AAAA'],
    ['10.0.0.1', '1.0.0.10.in-addr.arpa', 'PTR'],
    ['10.0.0.1 A', '10.0.0.1', 'A'],
    ['::1', `1.${'0.'.repeat(31)}ip6.arpa`, 'PTR'],
    ['. NS', '.', 'NS'],
  ]
  for (const [line, name, type] of QUESTIONS) {
    test(`mesos-ns lookup ${line}`, async (t) => {
      let asked: unknown
      const answers: Answers = (query) => {
        asked = query.questions?.map((question) => [question.name, question.type])
        return replyTo(query, [A])
      }
      const { status } = await ask(t, answers, line.split(' '))
      assert.equal(status, 0)
      assert.deepEqual(asked, [[name, type]])
    })
  }

  test('again over TCP when the reply is truncated', async (t) => {
    const seen: string[] = []
    const answers: Answers = (query, transport) => {
      seen.push(transport)
      if (transport === 'tcp') return replyTo(query, [A])
      return replyTo(query, [], { flags: packet.TRUNCATED_RESPONSE })
    }
    const { status, lines } = await ask(t, answers, ['web.mesos'])
    assert.deepEqual([status, lines.length, seen], [0, 1, ['udp', 'tcp']])
  })

  test('over TCP at once with --tcp', async (t) => {
    const answers: Answers = (query, transport) =>
      transport === 'tcp' ? replyTo(query, [A]) : undefined
    assert.equal((await ask(t, answers, ['web.mesos', '--tcp'])).status, 0)
  })

  test('the server of --server host:port', async (t) => {
    const port = await stubServer(t, (query) => replyTo(query, [A]))
    const { status } = await run(['lookup', 'web.mesos', '--server', `localhost:${port}`])
    // localhost may be ::1, where the stub does not listen.
    assert.ok(status === 0 || status === 9, String(status))
    assert.equal((await run(['lookup', 'a', '--server', `127.0.0.1:${port}`])).status, 0)
  })

  test('and takes no reply to another question', async (t) => {
    const answers: Answers = (query) => [
      Buffer.from('garbage'),
      query,
      replyTo(query, [A], { id: ((query.id ?? 0) + 1) & 0xffff }),
      replyTo(query, [A], { questions: [{ type: 'A', name: 'other.mesos' }] }),
      replyTo(query, [A]),
    ]
    const { status, lines } = await ask(t, answers, ['web.mesos'])
    assert.deepEqual([status, lines], [0, ['web.mesos. 60 IN A 10.0.0.1']])
  })
})

describe('the exit status of lookup', () => {
  const RCODES: readonly (readonly [rcode: number, status: number, complaint: RegExp])[] = [
    [0, 4, /^web\.mesos\. has no A records, says 127\.0\.0\.1:\d+$/],
    [1, 7, /^FORMERR: 127\.0\.0\.1:\d+ did not answer web\.mesos\. A$/],
    [2, 5, /^SERVFAIL: /],
    [3, 3, /^NXDOMAIN: web\.mesos\. does not exist, says /],
    [4, 7, /^NOTIMP: /],
    [5, 6, /^REFUSED: /],
    [9, 7, /^NOTAUTH: /],
    [15, 7, /^RCODE15: /],
  ]
  for (const [rcode, expected, complaint] of RCODES) {
    test(`is ${expected} for response code ${rcode} without answers`, async (t) => {
      const answers: Answers = (query) => replyTo(query, [], { flags: rcode })
      const { status, lines, complaints } = await ask(t, answers, ['web.mesos'])
      assert.deepEqual([status, lines, complaints.length], [expected, [], 1])
      assert.match(complaints[0] ?? '', complaint)
    })
  }

  test('is 9 when nothing listens', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    await once(socket, 'close')
    for (const flags of [[], ['--tcp']]) {
      const { status, complaints } = await run(['lookup', 'a', '--port', String(port), ...flags])
      assert.equal(status, 9)
      assert.match(complaints.join(), /^nothing listens at 127\.0\.0\.1:\d+ \((udp|tcp)\)/)
    }
  })

  test('is 9 when no reply comes in time', async (t) => {
    const { status, complaints } = await ask(t, () => undefined, ['a', '--timeout', '0.1'])
    assert.equal(status, 9)
    assert.match(
      complaints.join(),
      /^no answer from 127\.0\.0\.1:\d+ \(udp\) in 0\.1 s; check --server/,
    )
  })

  test('is 9 when the connection ends, or what comes cannot be read', async (t) => {
    const closed = await ask(t, () => undefined, ['a', '--tcp'])
    assert.equal(closed.status, 9)
    assert.match(closed.complaints.join(), /closed without an answer/)
    const garbage = await ask(t, () => Buffer.alloc(20, 1), ['a', '--tcp'])
    assert.equal(garbage.status, 9)
    assert.match(garbage.complaints.join(), /does not answer the question/)
  })

  const USAGE: readonly (readonly [line: readonly string[], complaint: RegExp])[] = [
    [['a..b'], /"a\.\.b" is no domain name: it has an empty label/],
    [[''], /"" is no domain name/],
    [['a b'], /use ASCII without spaces/],
    [['ü.mesos'], /use ASCII/],
    [['x'.repeat(64)], /has 64 characters; 63 is the most/],
    [[`${'x'.repeat(50)}.`.repeat(6)], /octets on the wire; 255 is the most/],
    [['a', 'BOGUS'], /"BOGUS" is no record type; use one of A, /],
    [['a', 'TYPE70000'], /"TYPE70000" is no record type/],
    [['a', '--server', 'host:port:what'], /--server is "host:port:what"; write/],
    [['a', '--port', '70000'], /^--port is 70000; use a whole number from 0 to 65535$/],
    [['a', '--port', 'dns'], /^--port is NaN/],
    [['a', '--timeout', '0'], /^--timeout is 0; use a number of seconds/],
    [['a', '--timeout', 'x'], /^--timeout is NaN/],
    [['a', '--short', '--json'], /mutually exclusive/],
    [[], /not enough non-option arguments/],
  ]
  for (const [line, complaint] of USAGE) {
    test(`is 2 for mesos-ns lookup ${line.join(' ').slice(0, 70)}`, async () => {
      const { status, complaints } = await run(['lookup', ...line])
      assert.equal(status, 2)
      assert.match(complaints.join(), complaint)
    })
  }
})
