import type { Report } from '../report.ts'
import type { Discovery, DiscoveryPort } from './model.ts'
import { describe, isObject, NONE, readList, readText } from './narrow.ts'

const KIND = 'discovery-odd'

/**
 * A task's DiscoveryInfo, the same in `/state` and v1. One without a name is none: the task then goes
 * by its own name, as in Mesos-DNS.
 */
export function decodeDiscovery(raw: unknown, task: string, report: Report): Discovery | undefined {
  if (raw === undefined || raw === null) return undefined
  const name = isObject(raw) ? readText(raw.name) : undefined
  if (!isObject(raw) || name === undefined) {
    const odd = isObject(raw) ? `name is ${describe(raw.name)}` : `is ${describe(raw)}`
    report.add(KIND, task, `discovery ${odd}; left out, the task's own name is used`)
    return undefined
  }
  return name === '' ? undefined : { name, ports: decodePorts(raw.ports, task, report) }
}

function decodePorts(raw: unknown, task: string, report: Report): readonly DiscoveryPort[] {
  const place = { report, kind: KIND, object: task, key: 'discovery ports' }
  const list = readList(isObject(raw) ? raw.ports : raw, place)
  if (list.length === 0) return NONE
  const ports: DiscoveryPort[] = []
  for (const item of list) {
    const port = isObject(item) ? decodePort(item.number, item.protocol, item.name) : undefined
    if (port !== undefined) ports.push(port)
    if (port === undefined || !isObject(item) || typeof item.number !== 'number') {
      const what = describe(isObject(item) ? item.number : item)
      const done = port === undefined ? 'left out' : 'read as a number'
      report.add(KIND, task, `discovery port is ${what}; ${done}`)
    }
  }
  return ports
}

function decodePort(number: unknown, rawProtocol: unknown, rawName: unknown) {
  const value = typeof number === 'string' && /^-?\d{1,10}$/.test(number) ? Number(number) : number
  const protocol = readText(rawProtocol)
  const name = readText(rawName)
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined
  if (protocol === undefined || name === undefined) return undefined
  return { protocol, number: value, name }
}
