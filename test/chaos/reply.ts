import { decode, presentation } from '../presentation.ts'

/** One record of a reply. */
export interface Line {
  readonly name: string
  readonly ttl: number
  readonly type: string
  readonly rdata: string
}

/** A reply as far as it is judged; the OPT is left out. */
export interface Reply {
  readonly rcode: number
  readonly truncated: boolean
  readonly answers: readonly Line[]
  readonly authority: readonly Line[]
  readonly additional: readonly Line[]
}

/** How many different replies are remembered. */
const REMEMBERED = 500

/** Reads replies; the same octets behind the id are read once. */
export class Replies {
  readonly #known = new Map<string, Reply>()

  read(octets: Buffer): Reply {
    const key = octets.toString('latin1', 2)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= REMEMBERED) this.#known.clear()
    const { answers, authorities, additionals } = decode(octets)
    const reply = {
      rcode: octets.readUInt8(3) & 15,
      truncated: (octets.readUInt8(2) & 2) !== 0,
      answers: presentation(answers).map(parseLine),
      authority: presentation(authorities).map(parseLine),
      additional: presentation(additionals).map(parseLine),
    }
    this.#known.set(key, reply)
    return reply
  }
}

/** From `name ttl type rdata`. */
export function parseLine(text: string): Line {
  const [name = '', ttl = '', type = '', ...rdata] = text.split(' ')
  return { name, ttl: Number(ttl), type, rdata: rdata.join(' ') }
}

export function formatLine({ name, ttl, type, rdata }: Line): string {
  return `${name} ${ttl} ${type} ${rdata}`
}
