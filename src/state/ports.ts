import { isObject, NONE } from './narrow.ts'

/** No host has more ports: whatever a state says beyond that is an error, and must not fill memory. */
const MAX_PORTS_PER_TASK = 65_536
const MAX_PORT = 65_535

export interface PortList {
  /** In the order of the ranges. */
  readonly ports: readonly number[]
  /** What could not be read, for the report; undefined if everything could. */
  readonly odd: string | undefined
}

const NO_PORTS: PortList = { ports: NONE, odd: undefined }

/**
 * Host ports of `/state`'s `resources.ports`: `"[31000-31001, 31005-31005]"`. A lone number is a range
 * of one, and the brackets may be missing; a reversed range holds nothing.
 */
export function parsePortRanges(text: string): PortList {
  const inner = text.trim().replace(/^\[/, '').replace(/\]$/, '')
  if (inner.trim() === '') return NO_PORTS
  const expansion = new Expansion()
  for (const part of inner.split(',')) {
    const range = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part)
    if (range === null) expansion.odd ??= `range ${JSON.stringify(part.trim().slice(0, 40))}`
    else expansion.add(Number(range[1]), Number(range[2] ?? range[1]))
  }
  return expansion
}

/** Host ports of a v1 resource list: those of every `RANGES` resource named `ports`. */
export function readPortResources(resources: readonly unknown[]): PortList {
  const expansion = new Expansion()
  for (const resource of resources) {
    if (!isObject(resource) || resource.name !== 'ports') continue
    const ranges = isObject(resource.ranges) ? resource.ranges.range : undefined
    if (!Array.isArray(ranges)) {
      expansion.odd ??= 'resource without ranges'
      continue
    }
    for (const range of ranges) {
      const begin = isObject(range) ? range.begin : undefined
      const end = isObject(range) ? range.end : undefined
      if (Number.isInteger(begin) && Number.isInteger(end)) {
        expansion.add(Number(begin), Number(end))
      } else {
        expansion.odd ??= 'range without begin and end'
      }
    }
  }
  return expansion.ports.length === 0 && expansion.odd === undefined ? NO_PORTS : expansion
}

class Expansion implements PortList {
  readonly ports: number[] = []
  odd: string | undefined = undefined

  add(first: number, last: number): void {
    if (first < 0 || last > MAX_PORT) this.odd ??= `range ${first}-${last}`
    const end = Math.min(last, MAX_PORT)
    for (let port = Math.max(first, 0); port <= end; port++) {
      if (this.ports.length >= MAX_PORTS_PER_TASK) {
        this.odd ??= `more than ${MAX_PORTS_PER_TASK} ports`
        return
      }
      this.ports.push(port)
    }
  }
}
