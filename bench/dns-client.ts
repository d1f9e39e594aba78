import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  RECURSION_DESIRED,
  type RecordType,
} from 'dns-packet'

export interface Question {
  /** In presentation format, with or without a dot at its end. */
  readonly name: string
  readonly type: RecordType
}

const EDNS: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}

/** Sends one query over UDP to a server of this host. Rejects if no answer has come within the time. */
export async function ask(
  port: number,
  { name, type }: Question,
  timeoutMs = 1_000,
): Promise<DecodedPacket> {
  const socket = createSocket('udp4')
  try {
    const id = Math.floor(Math.random() * 0x1_0000)
    const message = encode({
      type: 'query',
      id,
      flags: RECURSION_DESIRED,
      questions: [{ name: name.replace(/\.$/, ''), type, class: 'IN' }],
      additionals: [EDNS],
    })
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(timeoutMs) })
    socket.send(message, port, '127.0.0.1')
    const [reply] = (await answered) as [Buffer]
    const packet = decode(reply)
    if (packet.id !== id) throw new Error(`answer to another query than ${name} ${type}`)
    return packet
  } finally {
    socket.close()
  }
}

/** The serial of a zone; rejects as long as the server has no such zone. */
export async function serialOf(port: number, zone: string, timeoutMs?: number): Promise<number> {
  const { answers = [] } = await ask(port, { name: zone, type: 'SOA' }, timeoutMs)
  for (const answer of answers) if (answer.type === 'SOA') return answer.data.serial ?? 0
  throw new Error(`no SOA of ${zone}`)
}

/** How long a change may take to be answered. */
const CHANGE_MS = 120_000
/** Asking for the serial costs the server next to nothing at this pace. */
const ASK_EVERY_MS = 10

/** When the zone was first answered with another serial, or at all if there was none. */
export async function untilSerialChanges(
  port: number,
  zone: string,
  before: number | undefined,
): Promise<number> {
  for (const deadline = performance.now() + CHANGE_MS; performance.now() < deadline; ) {
    const serial = await serialOf(port, zone, CHANGE_MS).catch(() => before)
    if (serial !== before) return performance.now()
    await sleep(ASK_EVERY_MS)
  }
  throw new Error('a changed state does not show in the answers')
}
