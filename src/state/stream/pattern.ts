import type { Wanted } from './wanted.ts'

export interface PatternMember {
  readonly name: string
  readonly octets: Uint8Array
  readonly pattern: Pattern
}

/** What is wanted, made ready for a parser. */
export type Pattern =
  | { readonly kind: 'value' | 'unique' | 'presence' }
  | { readonly kind: 'elements'; readonly each: Pattern }
  | MembersPattern

export interface MembersPattern {
  readonly kind: 'members'
  /** By the length of their names. */
  readonly byLength: readonly (readonly PatternMember[])[]
  /** An object with all the members undefined: copies of it are all of one shape. */
  readonly template: Readonly<Record<string, unknown>>
}

export function compilePattern(wanted: Wanted): Pattern {
  if (typeof wanted === 'string') return { kind: wanted }
  if ('elements' in wanted) return { kind: 'elements', each: compilePattern(wanted.elements) }
  const members = Object.entries(wanted.members).map(([name, part]) => ({
    name,
    octets: Uint8Array.from(Buffer.from(name)),
    pattern: compilePattern(part),
  }))
  const longest = Math.max(...members.map(({ name }) => name.length))
  const byLength = Array.from({ length: longest + 1 }, (_, length) =>
    members.filter(({ name }) => name.length === length),
  )
  const template = Object.fromEntries(members.map(({ name }) => [name, undefined]))
  return { kind: 'members', byLength, template }
}

/** The member of this name, `octets[from..to)`, if it is wanted. */
export function findMember(
  { byLength }: MembersPattern,
  octets: Uint8Array,
  from: number,
  to: number,
): PatternMember | undefined {
  const members = byLength[to - from]
  if (members === undefined) return undefined
  for (let i = 0; i < members.length; i++) {
    const member = members[i] as PatternMember
    let same = 0
    while (from + same < to && octets[from + same] === member.octets[same]) same++
    if (from + same === to) return member
  }
  return undefined
}
