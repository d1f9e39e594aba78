import fc from 'fast-check'
import { type Path, pathsOf, replaceAt } from '../paths.ts'

/** A value for any place: odd, or with characters that take several octets. */
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '@',
    '[1-2',
    '__proto__',
    'master@10.0.0.1:5050',
    1e300,
    -0,
    0.5,
    [],
    {},
    null,
  ),
)

/** Values for places of a document, each with the number of its place. */
export type Edits = readonly (readonly [place: number, value: unknown])[]

export const edits: fc.Arbitrary<Edits> = fc.array(fc.tuple(fc.nat(), oddValue), { maxLength: 3 })

/** The document with the edits made, one after the other. */
export function oddlyEdited([json, edits]: readonly [json: unknown, edits: Edits]): unknown {
  return edits.reduce<unknown>((edited, [choice, value]) => {
    const paths = pathsOf(edited)
    return replaceAt(edited, paths[choice % paths.length] as Path, value)
  }, json)
}
