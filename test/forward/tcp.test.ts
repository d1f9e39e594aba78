import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { framed, type TcpBehaviour, tcpUpstream, udpUpstream } from './hostile-upstream.ts'
import { a, addresses, CLIENT_ID, edeIn, manyA, opt, query, replyTo, summary } from './messages.ts'
import { forwarder, SHORT_MS, TCP } from './setup.ts'

const right = (bytes: Buffer) => replyTo(bytes, { answers: [a('www.example.com')] })

test('a client over TCP is forwarded over TCP, byte for byte but for the id', async (t) => {
  const upstream = await tcpUpstream(t, (bytes, socket) => socket.write(framed(right(bytes))))
  const bytes = query({ name: 'WwW.example.com', flags: 0x0130, edns: { size: 600, do: true } })
  const forward = forwarder(t, { resolvers: [upstream.name] }, { randomId: () => 0x0bad })
  const reply = await forward.forward(bytes, TCP)
  assert.equal(upstream.received[0]?.readUInt16BE(0), 0x0bad)
  assert.deepEqual(upstream.received[0]?.subarray(2), bytes.subarray(2))
  assert.equal(Buffer.from(reply).readUInt16BE(0), CLIENT_ID)
})

test('UDP is not asked, and not fallen back to', async (t) => {
  const upstream = await udpUpstream(t, (bytes, reply) => reply(right(bytes)))
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), TCP)
  assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/0')
  assert.equal(upstream.received.length, 0)
})

test('a large reply is not cut, whatever the EDNS size', async (t) => {
  const upstream = await tcpUpstream(t, (bytes, socket) =>
    socket.write(framed(replyTo(bytes, { answers: manyA('www.example.com', 2_000) }))),
  )
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), TCP)
  assert.equal(summary(reply), 'NOERROR [qr rd ra] 1/2000/0/0')
})

test('the largest reply there is', async (t) => {
  const upstream = await tcpUpstream(t, (bytes, socket) => {
    const short = replyTo(bytes, { additionals: [opt(1232)] })
    const padding = 65_535 - short.length - 4
    const full = replyTo(bytes, {
      additionals: [opt(1232, false, [{ code: 12, data: Buffer.alloc(padding) }])],
    })
    socket.write(framed(full))
  })
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(
    query({ edns: { size: 1232 } }),
    TCP,
  )
  assert.equal(reply.length, 65_535)
})

test('an OPT of the upstream is for clients with EDNS only', async (t) => {
  const upstream = await tcpUpstream(t, (bytes, socket) =>
    socket.write(framed(replyTo(bytes, { additionals: [opt(1232)] }))),
  )
  const forward = forwarder(t, { resolvers: [upstream.name] })
  assert.equal(summary(await forward.forward(query(), TCP)), 'NOERROR [qr rd ra] 1/0/0/0')
  const withEdns = await forward.forward(query({ edns: { size: 1232 } }), TCP)
  assert.equal(summary(withEdns), 'NOERROR [qr rd ra] 1/0/0/1')
})

test('an upstream over IPv6', async (t) => {
  const loopback = Object.values(networkInterfaces()).flat()
  if (!loopback.some((each) => each?.address === '::1')) {
    t.skip('this machine has no ::1')
    return
  }
  const upstream = await tcpUpstream(
    t,
    (bytes, socket) => socket.write(framed(right(bytes))),
    '::1',
  )
  const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), TCP)
  assert.deepEqual(addresses(reply), ['203.0.113.1'])
})

const accepted: [what: string, behave: TcpBehaviour][] = [
  [
    'octet by octet',
    async (bytes, socket) => {
      socket.setNoDelay(true)
      for (const octet of framed(right(bytes))) {
        socket.write(Buffer.of(octet))
        await sleep(1)
      }
    },
  ],
  [
    'with the length prefix in two segments',
    async (bytes, socket) => {
      const whole = framed(right(bytes))
      socket.setNoDelay(true)
      socket.write(whole.subarray(0, 1))
      await sleep(5)
      socket.write(whole.subarray(1))
    },
  ],
  [
    'with more octets behind it',
    (bytes, socket) => socket.write(Buffer.concat([framed(right(bytes)), Buffer.from('more')])),
  ],
  ['and closes at once', (bytes, socket) => socket.end(framed(right(bytes)))],
  [
    'behind messages that do not match',
    (bytes, socket) => {
      const other = replyTo(query({ name: 'other.example', id: bytes.readUInt16BE(0) }))
      socket.write(Buffer.concat([framed(other), framed(bytes), framed(right(bytes))]))
    },
  ],
]
for (const [what, behave] of accepted) {
  test(`a reply that comes ${what} is taken`, async (t) => {
    const upstream = await tcpUpstream(t, behave)
    const reply = await forwarder(t, { resolvers: [upstream.name] }).forward(query(), TCP)
    assert.deepEqual(addresses(reply), ['203.0.113.1'])
  })
}

const failing: [what: string, behave: TcpBehaviour][] = [
  ['closes without a reply', (_, socket) => socket.end()],
  ['resets the connection', (_, socket) => socket.resetAndDestroy()],
  ['sends a length and closes', (_, socket) => socket.end(Buffer.of(0, 60))],
  ['closes inside the prefix', (_, socket) => socket.end(Buffer.of(0))],
  ['promises more than it sends', (bytes, socket) => socket.end(framed(right(bytes), 65_535))],
  ['says a length of zero', (_, socket) => socket.write(Buffer.of(0, 0))],
  [
    'says a length shorter than a header',
    (bytes, socket) => socket.write(framed(right(bytes), 11)),
  ],
  ['says a length that cuts the reply', (bytes, socket) => socket.end(framed(right(bytes), 40))],
  ['sends garbage and closes', (_, socket) => socket.end('garbage that is no message at all')],
  [
    'sends records that cannot be read',
    (bytes, socket) => socket.write(framed(right(bytes).subarray(0, -1))),
  ],
]
for (const [what, behave] of failing) {
  test(`an upstream that ${what} is followed by the next at once`, async (t) => {
    const upstream = await tcpUpstream(t, behave)
    const next = await tcpUpstream(t, (bytes, socket) => socket.write(framed(right(bytes))))
    const reply = await forwarder(t, { resolvers: [upstream.name, next.name] }).forward(
      query(),
      TCP,
    )
    assert.deepEqual(addresses(reply), ['203.0.113.1'])
    assert.equal(upstream.received.length, 1)
  })
}

const silent: [what: string, behave: TcpBehaviour][] = [
  ['says nothing', () => {}],
  [
    'drips for ever',
    (bytes, socket) => {
      const whole = framed(right(bytes), 65_535)
      let at = 0
      const timer = setInterval(() => socket.write(whole.subarray(at, ++at)), 10)
      socket.on('close', () => clearInterval(timer))
    },
  ],
  [
    'sends wrong messages for ever',
    (bytes, socket) => {
      const timer = setInterval(() => socket.write(framed(bytes)), 5)
      socket.on('close', () => clearInterval(timer))
    },
  ],
]
for (const [what, behave] of silent) {
  test(`an upstream that ${what} is given up`, async (t) => {
    const upstream = await tcpUpstream(t, behave)
    const forward = forwarder(t, { resolvers: [upstream.name] }, { timeoutMs: SHORT_MS })
    const reply = await forward.forward(query({ edns: { size: 1232 } }), TCP)
    assert.equal(summary(reply), 'SERVFAIL [qr rd ra] 1/0/0/1')
    assert.equal(edeIn(reply), 22)
  })
}
