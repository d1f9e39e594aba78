import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type DatagramBatch,
  loadSockets,
  type SendFailure,
  SystemCallError,
} from '../../src/sockets/index.ts'
import { type Libc, loadLibc } from '../../src/sockets/libc.ts'
import { SocketLibrary } from '../../src/sockets/socket-library.ts'
import { needsKoffi } from '../koffi.ts'

const libc = loadLibc()

const RECEIVE_BUFFER = 1 << 20
const ERRNO = { EPERM: 1, EINTR: 4, EAGAIN: 11, EINVAL: 22, EMSGSIZE: 90, ENETUNREACH: 101 }
const MORE = { ENOBUFS: 105, ECONNREFUSED: 111 }

/** A socket on 127.0.0.1 with a batch, and a client that keeps what it is sent. */
async function setUp(change: Partial<Libc> = {}) {
  const system = { ...(libc as Libc), ...change }
  const sockets = new SocketLibrary(system)
  const fd = sockets.openUdp({ host: '127.0.0.1', port: 0 }, { receiveBuffer: RECEIVE_BUFFER })
  const failures: SendFailure[] = []
  const batch = sockets.createBatch((failure) => failures.push(failure))
  const client = createSocket('udp4')
  const received: string[] = []
  client.on('message', (message) => received.push(message.toString('latin1')))
  client.connect(sockets.port(fd), '127.0.0.1')
  await once(client, 'connect')
  client.setRecvBufferSize(RECEIVE_BUFFER)
  return { sockets, fd, batch, failures, client, received, system }
}

/** Sends so many messages, `0`, `1` and so on, and waits until the system has taken them. */
async function say(client: ReturnType<typeof createSocket>, count: number): Promise<void> {
  const sent = Array.from({ length: count }, (_, i) => {
    return new Promise<void>((resolve) => client.send(String(i), () => resolve()))
  })
  await Promise.all(sent)
}

function textOf(batch: DatagramBatch, slot: number): string {
  const octets = batch.messages[slot]?.subarray(0, batch.lengthOf(slot))
  return Buffer.from(octets ?? []).toString('latin1')
}

function write(batch: DatagramBatch, slot: number, text: string): number {
  batch.messages[slot]?.set(Buffer.from(text))
  return text.length
}

/** Replies to each message with the same text and an exclamation mark. */
function echo(batch: DatagramBatch, first: number, count: number): void {
  for (let slot = first; slot < first + count; slot++) {
    batch.reply(slot, write(batch, slot, `${textOf(batch, slot)}!`))
  }
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `${i}!`)

/** Fails calls of sendmmsg in turn: an errno, or undefined to let the system have it. */
function failing(errnos: readonly (number | undefined)[]): Partial<Libc> {
  const real = libc as Libc
  const script = [...errnos]
  let errno: number | undefined
  return {
    sendmmsg(...call) {
      errno = script.shift()
      // One message at a time, as a socket does whose buffer is almost full.
      return errno === undefined ? real.sendmmsg(call[0], call[1], 1, call[3]) : -1
    },
    poll: () => 0,
    errno: () => errno ?? real.errno(),
  }
}

describe('a batch', needsKoffi(), () => {
  test('receives up to 64 messages at once and replies to each sender', async () => {
    const { sockets, fd, batch, client, received, failures } = await setUp()
    assert.equal(batch.receive(fd), 0)
    await say(client, 150)
    const counts: number[] = []
    for (let count = batch.receive(fd); count > 0; count = batch.receive(fd)) {
      counts.push(count)
      echo(batch, 0, count)
      batch.send(fd)
    }
    assert.deepEqual(counts, [64, 64, 22])
    while (received.length < 150) await sleep(1)
    assert.deepEqual(received, texts(150))
    assert.deepEqual(failures, [])
    assert.equal(batch.addressOf(0), '127.0.0.1')
    assert.deepEqual([...batch.addressOctetsOf(0)], [127, 0, 0, 1])
    assert.equal(batch.portOf(0), client.address().port)
    assert.equal(batch.familyOf(0), 4)
    client.close()
    sockets.close(fd)
  })

  test('leaves slots alone for messages that were received otherwise', async () => {
    const { sockets, fd, batch, client, received } = await setUp()
    await say(client, 3)
    batch.put(0, Buffer.from('mine'), '127.0.0.1', client.address().port)
    assert.equal(batch.receive(fd, 1), 3)
    assert.equal(batch.lengthOf(0), 4)
    echo(batch, 0, 4)
    batch.send(fd)
    while (received.length < 4) await sleep(1)
    assert.deepEqual(received, ['mine!', '0!', '1!', '2!'])
    // The slot is as good as any other afterwards.
    await say(client, 4)
    assert.equal(batch.receive(fd), 4)
    assert.equal(textOf(batch, 0), '0')
    client.close()
    sockets.close(fd)
  })

  test('sends what there is, whichever messages get no reply', async () => {
    const { sockets, fd, batch, client, received } = await setUp()
    const expected: string[] = []
    for (const silent of [[], [0], [63], [0, 63], [1, 2, 31, 33, 62], [...Array(64).keys()]]) {
      await say(client, 64)
      assert.equal(batch.receive(fd), 64)
      for (let slot = 0; slot < 64; slot++) if (!silent.includes(slot)) echo(batch, slot, 1)
      batch.send(fd)
      expected.push(...texts(64).filter((_, slot) => !silent.includes(slot)))
    }
    batch.send(fd)
    while (received.length < expected.length) await sleep(1)
    assert.deepEqual(received, expected)
    client.close()
    sockets.close(fd)
  })

  test('takes datagrams of every size', async () => {
    const { sockets, fd, batch, client } = await setUp()
    for (const octets of [0, 1, 64, 511, 4096, 65_507]) {
      await new Promise<void>((resolve) => client.send(Buffer.alloc(octets, 7), () => resolve()))
      assert.equal(batch.receive(fd), 1)
      assert.equal(batch.lengthOf(0), octets)
      assert.ok(batch.messages[0]?.subarray(0, octets).every((octet) => octet === 7))
    }
    client.close()
    sockets.close(fd)
  })

  test('a reply that comes later may have any size, and one too long costs itself alone', async () => {
    const { sockets, fd, batch, client, received, failures } = await setUp()
    await say(client, 1)
    batch.receive(fd)
    const peer = batch.peerOf(0)
    await say(client, 2)
    batch.receive(fd)
    echo(batch, 0, 1)
    batch.sendTo(fd, Buffer.alloc(65_507, 'x'), peer)
    batch.sendTo(fd, Buffer.alloc(65_530, 'y'), peer)
    batch.sendTo(fd, Buffer.from('last'), peer)
    batch.send(fd)
    while (received.length < 3) await sleep(1)
    assert.deepEqual(received, ['x'.repeat(65_507), 'last', '0!'])
    assert.deepEqual(failures, ['too-long'])
    client.close()
    sockets.close(fd)
  })

  test('messages to addresses that cannot be reached cost themselves alone', async () => {
    const { sockets, fd, batch, client, received, failures } = await setUp()
    await say(client, 3)
    assert.equal(batch.receive(fd), 3)
    // Port 0, and an IPv6 address on a socket for IPv4.
    batch.put(0, Buffer.from('0'), '127.0.0.1', 0)
    batch.put(2, Buffer.from('2'), '::1', 53)
    for (let slot = 0; slot < 3; slot++) batch.reply(slot, 1)
    batch.send(fd)
    while (received.length < 1) await sleep(1)
    assert.equal(failures.length, 2)
    client.close()
    sockets.close(fd)
  })

  const none = undefined
  const cases: readonly {
    readonly what: string
    readonly errnos: readonly (number | undefined)[]
    readonly lost: readonly number[]
    readonly failures: readonly SendFailure[]
  }[] = [
    { what: 'sent one by one', errnos: [], lost: [], failures: [] },
    { what: 'interrupted', errnos: [ERRNO.EINTR, none, ERRNO.EINTR], lost: [], failures: [] },
    { what: 'EMSGSIZE', errnos: [none, ERRNO.EMSGSIZE], lost: [1], failures: ['too-long'] },
    { what: 'ENOBUFS', errnos: [MORE.ENOBUFS], lost: [0], failures: ['no-buffers'] },
    {
      what: 'EPERM and ENETUNREACH',
      errnos: [ERRNO.EPERM, none, none, ERRNO.ENETUNREACH],
      lost: [0, 3],
      failures: ['unreachable', 'unreachable'],
    },
    { what: 'EINVAL', errnos: [none, none, ERRNO.EINVAL], lost: [2], failures: ['other'] },
    {
      what: 'ECONNREFUSED of an earlier reply',
      errnos: [none, MORE.ECONNREFUSED],
      lost: [],
      failures: [],
    },
    {
      what: 'ECONNREFUSED of this one',
      errnos: [none, MORE.ECONNREFUSED, MORE.ECONNREFUSED],
      lost: [1],
      failures: ['unreachable'],
    },
    {
      what: 'no room for a moment',
      errnos: [none, ERRNO.EAGAIN, ERRNO.EAGAIN],
      lost: [],
      failures: [],
    },
    {
      what: 'no room for long',
      errnos: [none, none, ...new Array<number>(10).fill(ERRNO.EAGAIN)],
      lost: [2, 3, 4],
      failures: ['no-buffers', 'no-buffers', 'no-buffers'],
    },
  ]
  for (const { what, errnos, lost, failures: expected } of cases) {
    test(`sending: ${what}`, async () => {
      const { sockets, fd, batch, client, received, failures } = await setUp(failing(errnos))
      await say(client, 5)
      assert.equal(batch.receive(fd), 5)
      echo(batch, 0, 5)
      batch.send(fd)
      while (received.length < 5 - lost.length) await sleep(1)
      assert.deepEqual(
        received,
        texts(5).filter((_, i) => !lost.includes(i)),
      )
      assert.deepEqual(failures, expected)
      client.close()
      sockets.close(fd)
    })
  }

  test('errors of earlier replies do not stand in the way of the next message', async () => {
    const real = libc as Libc
    const pending = [MORE.ECONNREFUSED, ERRNO.EINTR, ERRNO.ENETUNREACH]
    let errno: number | undefined
    const { sockets, fd, batch, client } = await setUp({
      recvmmsg(...call) {
        errno = pending.shift()
        return errno === undefined ? real.recvmmsg(...call) : -1
      },
      errno: () => errno ?? real.errno(),
    })
    await say(client, 2)
    assert.equal(batch.receive(fd), 2)
    client.close()
    sockets.close(fd)
  })

  test('a send buffer that is too small for a batch delays replies, and loses none', async () => {
    const { sockets, fd, batch, client, received, failures } = await setUp()
    sockets.setSendBuffer(fd, 1)
    await say(client, 64)
    assert.equal(batch.receive(fd), 64)
    for (let slot = 0; slot < 64; slot++) batch.reply(slot, 4000)
    batch.send(fd)
    while (received.length < 64 - failures.length) await sleep(1)
    assert.ok(failures.every((failure) => failure === 'no-buffers'))
    client.close()
    sockets.close(fd)
  })
})

describe('sockets', needsKoffi(), () => {
  const sockets = () => loadSockets() as SocketLibrary

  test('tell a wildcard’s batch which address was asked, and reply from it', async () => {
    for (const [wildcard, host, other] of [
      ['0.0.0.0', '127.0.0.9', '127.0.0.1'],
      ['::', '::1', '::1'],
    ] as const) {
      const library = sockets()
      const options = { receiveBuffer: RECEIVE_BUFFER, localAddresses: true }
      const fd = library.openUdp({ host: wildcard, port: 0 }, options)
      const batch = library.createBatch(() => assert.fail('not sent'))
      const client = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      client.bind(0, other)
      await once(client, 'listening')
      const replied = once(client, 'message')
      await new Promise<void>((resolve) => {
        client.send('ask', library.port(fd), host, () => resolve())
      })
      assert.equal(batch.receive(fd), 1)
      const local = batch.localAddressOf(0)
      assert.equal(local?.octets.length, host.includes(':') ? 16 : 4)
      assert.equal(local?.interface, 0)
      echo(batch, 0, 1)
      batch.send(fd)
      const [reply, from] = await replied
      assert.equal(String(reply), 'ask!')
      assert.equal(from.address, host)
      client.close()
      library.close(fd)
    }
  })

  test('share their port, and a copy of a descriptor is the same socket', () => {
    const library = sockets()
    const options = { receiveBuffer: RECEIVE_BUFFER }
    const first = library.openUdp({ host: '127.0.0.1', port: 0 }, options)
    const port = library.port(first)
    const second = library.openUdp({ host: '127.0.0.1', port }, options)
    const copy = library.duplicate(first)
    assert.notEqual(copy, first)
    assert.equal(library.port(copy), port)
    const tcp = [library.openTcp({ host: '::1', port }), library.openTcp({ host: '::1', port })]
    for (const fd of [first, second, copy, ...tcp]) library.close(fd)
  })

  test('count what their receive buffers had no room for', async () => {
    const library = sockets()
    const fd = library.openUdp({ host: '127.0.0.1', port: 0 }, { receiveBuffer: 4096 })
    const client = createSocket('udp4')
    client.connect(library.port(fd), '127.0.0.1')
    await once(client, 'connect')
    assert.equal(library.overflowed(fd), 0)
    await say(client, 200)
    const batch = library.createBatch(() => {})
    let kept = 0
    for (let n = batch.receive(fd); n > 0; n = batch.receive(fd)) kept += n
    assert.ok(kept < 200)
    assert.equal(library.overflowed(fd), 200 - kept)
    client.close()
    library.close(fd)
  })

  test('have the receive buffer that was asked for, or the most the system allows', () => {
    const library = sockets()
    const octetsWith = (receiveBuffer: number) => {
      const fd = library.openUdp({ host: '127.0.0.1', port: 0 }, { receiveBuffer })
      const octets = library.receiveBuffer(fd)
      library.close(fd)
      return octets
    }
    assert.ok(octetsWith(100_000) >= 100_000)
    assert.ok(octetsWith(200_000) > octetsWith(100_000))
  })

  test('can be given another receive buffer, larger or smaller, whichever descriptor it is', () => {
    const library = sockets()
    const fd = library.openUdp({ host: '127.0.0.1', port: 0 }, { receiveBuffer: 50_000 })
    const copy = library.duplicate(fd)
    const octetsAfter = (receiveBuffer: number) => {
      library.setReceiveBuffer(copy, receiveBuffer)
      return library.receiveBuffer(fd)
    }
    const small = library.receiveBuffer(fd)
    assert.equal(octetsAfter(100_000), 2 * small)
    assert.equal(octetsAfter(50_000), small)
    library.close(copy)
    library.close(fd)
  })

  test('are not left open when they cannot be bound', () => {
    const library = sockets()
    const before = readdirSync('/proc/self/fd').length
    const taken = library.openUdp({ host: '127.0.0.1', port: 0 }, { receiveBuffer: 4096 })
    assert.throws(
      () => library.openTcp({ host: '203.0.113.1', port: 0 }),
      (error) => {
        assert.ok(error instanceof SystemCallError)
        assert.equal(error.code, 'EADDRNOTAVAIL')
        assert.equal(error.syscall, 'bind')
        assert.equal(error.message, 'bind EADDRNOTAVAIL 203.0.113.1:0')
        return true
      },
    )
    library.close(taken)
    assert.equal(readdirSync('/proc/self/fd').length, before)
  })

  test('are loaded once', () => assert.equal(loadSockets(), loadSockets()))
})
