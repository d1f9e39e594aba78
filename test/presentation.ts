import packet, { type Answer, type DecodedPacket } from 'dns-packet'
import { canonicalIp } from '../src/net/address.ts'
import { RecordSet, type RecordType } from '../src/records/record-set.ts'

/** Records from lines such as `web.marathon.mesos. 60 A 10.0.0.1`; a TTL of `-` means the default. */
export function recordSet(lines: readonly string[]): RecordSet {
  const records = new RecordSet()
  for (const line of lines) {
    const [name = '', ttl = '-', type = '', ...rdata] = line.trim().split(/\s+/)
    records.add(type as RecordType, name, rdata.join(' '), ttl === '-' ? undefined : Number(ttl))
  }
  return records
}

/** A section of a message decoded by an independent decoder, as lines without the OPT. */
export function presentation(section: readonly Answer[] = []): string[] {
  return section.filter(({ type }) => type !== 'OPT').map(present)
}

/** The same, sorted: for sets whose order means nothing. */
export function sorted(section: readonly Answer[] | undefined): string[] {
  return presentation(section).sort()
}

export function decode(message: Uint8Array): DecodedPacket {
  return packet.decode(Buffer.from(message))
}

function present(answer: Answer): string {
  const { name, type } = answer
  const ttl = 'ttl' in answer ? answer.ttl : 0
  return `${dotted(name)} ${ttl} ${type} ${presentData(answer)}`
}

function presentData(answer: Answer): string {
  switch (answer.type) {
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = answer.data
      return `${priority} ${weight} ${port} ${dotted(target)}`
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data
      return [dotted(mname), dotted(rname), serial, refresh, retry, expire, minimum].join(' ')
    }
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return dotted(answer.data)
    case 'TXT':
      return [answer.data].flat().map(String).join('')
    case 'HINFO':
      return `"${answer.data.cpu}" "${answer.data.os}"`
    case 'A':
      return answer.data
    case 'AAAA':
      return canonicalIp(answer.data) ?? answer.data
    default:
      throw new TypeError(`no presentation for type ${answer.type}`)
  }
}

function dotted(name: string): string {
  return name.endsWith('.') ? name : `${name}.`
}
