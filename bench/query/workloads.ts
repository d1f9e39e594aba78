import type { RecordType } from 'dns-packet'
import { Random } from '../../src/demo/random.ts'
import { SERVICE_TARGETS } from '../cluster/lean-state.ts'
import type { ZoneRecords } from './zone-records.ts'

/** The names of the smallest zone: only there is what does not depend on the size measured as well. */
export const SMALLEST = 1_000

/** A kind of question. */
export interface Workload {
  readonly id: string
  readonly title: string
  /** Names in the zone that have addresses, those of services aside. */
  readonly names: number
  readonly type: RecordType
  readonly rcode: 'NOERROR' | 'NXDOMAIN'
  /** Owners that are asked for, without the domain, from a zone's records. */
  owners(records: ZoneRecords): readonly string[]
}

/** The kinds of question to be asked of zones of these sizes. */
export function workloads(sizes: readonly number[]): readonly Workload[] {
  const [smallest = SMALLEST] = sizes
  const common = { names: smallest, rcode: 'NOERROR' } as const
  return [
    ...sizes.map((names) => ({
      ...common,
      id: `a-${names}`,
      title: `A, ${names.toLocaleString('en')} names`,
      names,
      type: 'A' as const,
      owners: appNames,
    })),
    ...SERVICE_TARGETS.map((targets) => ({
      ...common,
      id: `srv-${targets}`,
      title: `SRV, ${targets} ${targets === 1 ? 'target' : 'targets'} with glue`,
      type: 'SRV' as const,
      owners: ({ SRV }: ZoneRecords) =>
        [...SRV.keys()].filter((owner) => owner.startsWith(`_svc${targets}-`)),
    })),
    {
      ...common,
      id: 'nxdomain',
      title: 'A, NXDOMAIN',
      type: 'A',
      rcode: 'NXDOMAIN',
      owners: (records) => appNames(records).map((owner) => owner.replace(/^app/, 'nope')),
    },
    { ...common, id: 'nodata', title: 'AAAA, NODATA', type: 'AAAA', owners: appNames },
  ]
}

/** Names of tasks and of their agents, shared and canonical ones. */
function appNames({ A }: ZoneRecords): readonly string[] {
  return [...A.keys()].filter((owner) => owner.startsWith('app-'))
}

/** Fewer lines would have dnsperf begin its file anew again and again. */
const FEWEST_LINES = 10_000

/** The questions in random order, each as often as the others, a line each as dnsperf reads them. */
export function* questionLines(
  owners: readonly string[],
  type: RecordType,
  domain: string,
): Generator<string> {
  if (owners.length === 0) throw new RangeError('there is nothing to ask for')
  const order = shuffled(owners, new Random(owners.length))
  for (let line = 0; line < order.length || line < FEWEST_LINES; line += order.length) {
    for (const owner of order) yield `${owner}.${domain} ${type}\n`
  }
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const [here, there] = [order[i], order[j]]
    // Both are within the list.
    order[i] = there as T
    order[j] = here as T
  }
  return order
}
