import { isDeepStrictEqual } from 'node:util'
import type { Answer, DecodedPacket } from 'dns-packet'
import { Random } from '../../src/demo/random.ts'
import { ask } from '../dns-client.ts'
import type { ServerKind } from '../servers/index.ts'
import { shuffled, type Workload } from './workloads.ts'
import type { ZoneRecords } from './zone-records.ts'

const QUESTIONS = 200
const AT_ONCE = 20
/** Caches may have to ask first. */
const ANSWER_MS = 5_000

export interface Verification {
  readonly kind: ServerKind
  readonly port: number
  readonly workload: Workload
  readonly records: ZoneRecords
  readonly domain: string
}

/**
 * Asks some of a workload's questions and compares the answers with the zone. Throws at the first that is
 * wrong: nobody is to be fast with wrong answers. Of the floor only its constant answer is expected.
 */
export async function verify(verification: Verification): Promise<void> {
  const { workload, records } = verification
  const owners = shuffled(workload.owners(records), new Random(1)).slice(0, QUESTIONS)
  for (let at = 0; at < owners.length; at += AT_ONCE) {
    const some = owners.slice(at, at + AT_ONCE)
    await Promise.all(some.map((owner) => verifyAnswer(owner, verification)))
  }
}

async function verifyAnswer(owner: string, verification: Verification): Promise<void> {
  const { kind, port, workload, domain } = verification
  const packet = await ask(port, { name: `${owner}.${domain}`, type: workload.type }, ANSWER_MS)
  const wrong = kind.role === 'floor' ? floorFault(packet) : fault(packet, owner, verification)
  if (wrong !== undefined) {
    throw new Error(`${kind.title} answers ${owner}.${domain} ${workload.type} with ${wrong}`)
  }
}

function floorFault({ answers = [] }: DecodedPacket): string | undefined {
  return answers.length === 1 ? undefined : `${answers.length} records`
}

/** What is wrong with an answer; undefined if nothing is. */
export function fault(
  packet: DecodedPacket,
  owner: string,
  {
    kind,
    workload,
    records,
    domain,
  }: Pick<Verification, 'workload' | 'records' | 'domain'> & {
    readonly kind: Pick<ServerKind, 'role'>
  },
): string | undefined {
  // The decoder knows it, its types do not.
  const { rcode } = packet as DecodedPacket & { readonly rcode: string }
  if (rcode !== workload.rcode) return rcode
  const { type } = workload
  const answers = (packet.answers ?? []).map(rdata).sort()
  const known = type === 'A' || type === 'SRV' ? (records[type].get(owner) ?? []) : []
  const expected = workload.rcode === 'NOERROR' ? [...known].sort() : []
  if (!isDeepStrictEqual(answers, expected)) {
    return `${answers.join(', ') || 'nothing'} instead of ${expected.join(', ') || 'nothing'}`
  }
  if (type !== 'SRV' || kind.role === 'cache') return undefined
  return glueFault(packet.additionals ?? [], expected, records, domain)
}

/** Every address of every target must come along. */
function glueFault(
  additionals: readonly Answer[],
  services: readonly string[],
  records: ZoneRecords,
  domain: string,
): string | undefined {
  const glue = new Set(additionals.map((record) => `${record.name} ${rdata(record)}`))
  for (const service of services) {
    const target = service.split(' ').at(-1)?.replace(/\.$/, '') ?? ''
    for (const address of records.A.get(target.slice(0, -domain.length - 1)) ?? []) {
      if (!glue.has(`${target} ${address}`)) return `no address ${address} of ${target}`
    }
  }
  return undefined
}

/** In presentation format, as the zone file has it. */
function rdata(record: Answer): string {
  if (record.type === 'A') return record.data
  if (record.type !== 'SRV') return record.type
  const { priority = 0, weight = 0, port, target } = record.data
  return `${priority} ${weight} ${port} ${target}.`
}
