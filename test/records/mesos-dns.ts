// Reads the reference zones and states of Mesos-DNS where a developer has them beside the checkout.
import { readFileSync } from 'node:fs'
import { sharedPath } from '../shared.ts'

export interface ZoneCase {
  readonly id: string
  readonly mode: 'full' | 'subset' | 'full-master-records'
  readonly stateFile?: string
  readonly config: {
    readonly domain: string
    readonly soaMname: string
    readonly listener: string
    readonly masters: readonly string[] | null
    readonly leader?: string
    readonly enforceRFC952: boolean
    readonly ipSources: readonly string[]
  }
  readonly expectations: readonly {
    readonly name: string
    readonly type: 'A' | 'AAAA' | 'SRV'
    readonly values: readonly string[]
  }[]
}

export interface Zones {
  readonly cases: readonly ZoneCase[]
  readonly labelCases: {
    readonly RFC952: readonly [string, string][]
    readonly RFC1123: readonly [string, string][]
    readonly DomainFrag_RFC952: readonly [string, string][]
    readonly DomainFrag_RFC1123: readonly [string, string][]
    readonly oracle: { readonly rows: readonly [string, string, string, string][] }
  }
  readonly hash: { readonly rows: readonly { readonly in: string; readonly want: string }[] }
  readonly taskIPs: {
    readonly rows: readonly {
      readonly task: Readonly<Record<string, unknown>>
      readonly slaveIPs?: readonly string[]
      readonly sources: readonly string[]
      readonly want: readonly string[]
    }[]
  }
}

export const SKIP = 'the reference material is not beside this checkout'

export function zones(): Zones | undefined {
  const path = sharedPath('mesos-dns/zones.json')
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as Zones)
}

/** The JSON of a file below mesos-dns/; a recorded HTTP session's body where it is one. */
export function sharedJson(name: string): unknown {
  const path = sharedPath(`mesos-dns/${name}`)
  if (path === undefined) throw new Error(SKIP)
  const text = readFileSync(path, 'utf8')
  return JSON.parse(text.startsWith('$') ? text.slice(text.indexOf('\n{')) : text)
}
