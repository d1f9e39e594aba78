/** RFC 1035 §2.3.4: octets of a label, and characters of a name written without its last dot. */
const MAX_LABEL = 63
const MAX_NAME = 253

/** What a host name's label may hold (RFC 1123 §2.1), and the underscore that hosts have in practice. */
const HOST_LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/i

/**
 * Why a dotted name, written without a trailing dot, does not fit into DNS: an empty label, a label
 * over 63 octets, a name over 253; undefined if it fits.
 */
export function nameProblem(name: string): string | undefined {
  const labels = name.split('.')
  if (labels.includes('')) return 'has an empty label (two dots in a row, or one at an end)'
  const long = labels.find((label) => label.length > MAX_LABEL)
  if (long !== undefined) return `has a label of ${long.length} characters, ${MAX_LABEL} fit`
  if (name.length > MAX_NAME) return `has ${name.length} characters, ${MAX_NAME} fit`
  return undefined
}

/** Whether the text can be a host name; one whose last label is a number is a mistyped address. */
export function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const labels = name.split('.')
  return (
    nameProblem(name) === undefined &&
    labels.every((label) => HOST_LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  )
}

/** Whether `name` is `zone` or lies below it; both lower case and both with or without the last dot. */
export function isAtOrBelow(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}
