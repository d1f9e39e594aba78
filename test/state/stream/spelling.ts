import fc from 'fast-check'

/** Numbers that decide, one after the other, how a document is written. */
export type Choices = readonly number[]

/** Choices for `spell` and `cut`. */
export const choices: fc.Arbitrary<Choices> = fc.array(fc.nat(255), {
  minLength: 1,
  maxLength: 200,
})

const BLANKS = ['', '', '', ' ', '\n\t', '\r\n  ']

/** Values that a later member of the same name replaces. */
const OVERRIDDEN = ['null', '"x"', '[]', '[{"id":"x"}]', '{}', '7']

/**
 * One of the many ways to write a JSON value: with other blanks, order of members, escapes, and members
 * that a later one of the same name overrides. JSON.parse reads all of them as `value`.
 */
export function spell(value: unknown, choices: Choices): string {
  let at = 0
  const choose = (below: number) => (choices[at++ % choices.length] ?? 0) % below
  const blank = () => BLANKS[choose(BLANKS.length)] ?? ''
  const text = (string: string) =>
    `"${[
      ...JSON.stringify(string)
        .slice(1, -1)
        .matchAll(/\\u....|\\.|./gsu),
    ]
      .map(([piece]) => (piece.length === 1 && choose(12) === 0 ? escapeOf(piece) : piece))
      .join('')}"`
  const list = (items: readonly unknown[]) => `[${blank()}${items.map(write).join(`,${blank()}`)}]`
  const object = (members: readonly (readonly [string, unknown])[]) => {
    const written = [...members]
    const first = written[0]
    if (first !== undefined && choose(2) === 0)
      written.push(...written.splice(0, choose(written.length)))
    const pairs = written.map(([key, part]) => `${text(key)}${blank()}:${blank()}${write(part)}`)
    const [overridden] = written.at(-1) ?? []
    if (overridden !== undefined && choose(6) === 0) {
      pairs.unshift(`${text(overridden)}:${OVERRIDDEN[choose(OVERRIDDEN.length)]}`)
    }
    return `{${blank()}${pairs.join(`${blank()},${blank()}`)}}`
  }
  function write(part: unknown): string {
    if (typeof part === 'string') return text(part)
    if (Array.isArray(part)) return list(part) + blank()
    if (typeof part === 'object' && part !== null) return object(Object.entries(part)) + blank()
    return JSON.stringify(part) + blank()
  }
  return blank() + write(value) + blank()
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The octets in pieces of chosen lengths, small ones mostly. */
export function* cut(octets: Uint8Array, choices: Choices): Generator<Uint8Array> {
  let at = 0
  for (let i = 0; at < octets.length; i++) {
    const choice = choices[i % choices.length] ?? 0
    const length = choice < 128 ? 1 + (choice % 16) : choice * (choice < 250 ? 8 : 4096)
    // A copy, as pieces of a socket are: what is kept of one must not rely on the next.
    yield Uint8Array.from(octets.subarray(at, at + length))
    at += length
  }
}
