import type { z } from 'zod'
import { type ConfigIssue, Fault } from './issue.ts'
import { type JsonNode, plain } from './json.ts'
import { type Origins, spell } from './origins.ts'
import { shapeOf } from './shape.ts'
import { suggest } from './suggest.ts'

/** Keys that Mesos-DNS's own samples have, or its `/v1/config` shows, and that it takes no notice of. */
const IGNORED: Readonly<Record<string, string>> = {
  email: 'SOARname is what counts',
  mname: 'SOAMname is what counts',
  ns: 'SOAMname is what counts',
  soaserial: 'the serial follows the changes of the zone',
  file: 'it is the path of this file',
}
/** For editors; says nothing to us. */
const SCHEMA_KEY = '$schema'

export interface Reading {
  readonly origins: Origins
  readonly warnings: ConfigIssue[]
  /** `file:line:column` or the like for an offset in the text. */
  readonly where: (offset: number) => string
}

interface Place {
  /** In canonical spelling. */
  readonly path: readonly PropertyKey[]
  /** As it is written. */
  readonly spelled: string
}

const ROOT: Place = { path: [], spelled: '' }

/**
 * Turns JSON into the plain value that a schema takes, by the rules that files for Mesos-DNS rely on
 * (Go's encoding/json): keys match in any letter case, the last of several wins while objects merge,
 * `null` empties lists and maps and leaves anything else as it was, unknown keys are left out.
 */
export function readKeys(
  node: JsonNode,
  schema: z.ZodType,
  reading: Reading,
  place: Place = ROOT,
  earlier?: unknown,
): unknown {
  reading.origins.set(place.path, { path: place.spelled, where: reading.where(node.offset) })
  const shape = shapeOf(schema)
  const isNull = node.kind === 'scalar' && node.value === null
  if (shape.kind === 'list') {
    if (isNull) return []
    if (node.kind !== 'array') return plain(node)
    return node.items.map((item, i) => readEntry(item, shape.entry, reading, step(place, i)))
  }
  if (shape.kind === 'map') {
    if (isNull) return {}
    if (node.kind !== 'object') return plain(node)
    const map = objectOf(earlier)
    for (const { key, value } of node.members) {
      map[key] = readEntry(value, shape.value, reading, step(place, key))
    }
    return map
  }
  if (isNull) return earlier
  if (shape.kind === 'choice') {
    const list = shape.forms.find((form) => shapeOf(form).kind === 'list')
    return list === undefined ? plain(node) : readKeys(node, list, reading, place)
  }
  if (shape.kind !== 'object' || node.kind !== 'object') return plain(node)
  return readMembers(node, shape.members, reading, place, objectOf(earlier))
}

function readMembers(
  node: JsonNode & { kind: 'object' },
  members: ReadonlyMap<string, z.ZodType>,
  reading: Reading,
  place: Place,
  object: Record<string, unknown>,
): Record<string, unknown> {
  const byFolded = new Map([...members.keys()].map((key) => [key.toLowerCase(), key]))
  const seen = new Set<string>()
  for (const { key: spelled, value } of node.members) {
    const key = byFolded.get(spelled.toLowerCase())
    const schema = members.get(key ?? '')
    const inner = { path: [...place.path, key ?? spelled], spelled: spell(place.spelled, spelled) }
    const warn = (fault: Fault) =>
      reading.warnings.push({
        path: inner.spelled,
        where: reading.where(value.offset),
        value: undefined,
        message: fault.message,
        fix: fault.fix,
      })
    if (key === undefined || schema === undefined) {
      const fault = unknownKey(spelled, members.keys(), place === ROOT)
      if (fault !== undefined) warn(fault)
      continue
    }
    if (seen.has(key)) warn(new Fault('is given twice, the last one counts', 'remove the others'))
    seen.add(key)
    const read = readKeys(value, schema, reading, inner, object[key])
    if (read !== undefined) object[key] = read
  }
  return object
}

/** An entry of a list or map is what it is: `null` there has nothing to fall back on. */
function readEntry(node: JsonNode, schema: z.ZodType, reading: Reading, place: Place): unknown {
  return readKeys(node, schema, reading, place, null)
}

function unknownKey(spelled: string, keys: Iterable<string>, atRoot: boolean): Fault | undefined {
  const reason = atRoot ? IGNORED[spelled.toLowerCase()] : undefined
  if (reason !== undefined) return new Fault(`is ignored, as in Mesos-DNS: ${reason}`, 'remove it')
  if (atRoot && spelled === SCHEMA_KEY) return undefined
  const meant = suggest(spelled, keys)
  return meant === undefined
    ? new Fault('is not a known key and is ignored', 'remove it')
    : new Fault('is not a known key and is ignored', `did you mean ${meant}?`)
}

function step({ path, spelled }: Place, key: PropertyKey): Place {
  return { path: [...path, key], spelled: spell(spelled, key) }
}

/** A copy to add to, without a prototype so that any key is just a key. */
function objectOf(earlier: unknown): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null)
  return typeof earlier === 'object' && earlier !== null ? Object.assign(object, earlier) : object
}
