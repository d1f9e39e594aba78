/** Longest name and label in octets of text, trailing dot left out (RFC 1035 §3.1: 255 on the wire). */
const MAX_NAME = 253
const MAX_LABEL = 63

/**
 * What is wrong with a name given by a client, or undefined. Any printable ASCII but a blank or a
 * backslash may stand in a label (RFC 2181 §11): raw discovery names go beyond letters and digits.
 */
export function nameFault(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (!/^[!-[\]-~]*$/.test(name)) {
    return 'it may only hold printable ASCII characters, no blanks and no backslashes'
  }
  if (name.length > MAX_NAME) return `it has ${name.length} octets, ${MAX_NAME} are possible`
  const labels = name.split('.')
  if (labels.includes('')) return 'it has an empty label'
  const long = labels.find((label) => label.length > MAX_LABEL)
  if (long !== undefined) return `a label has ${long.length} octets, ${MAX_LABEL} are possible`
  return undefined
}

/** Lower case, with the dot at the end. */
export function fullName(text: string): string {
  const name = text.toLowerCase()
  return name.endsWith('.') ? name : `${name}.`
}

/** Whether `name` (a full name) is `domain` or below it; `domain` has no dot at the end. */
export function isInZone(name: string, domain: string): boolean {
  return name === `${domain}.` || name.endsWith(`.${domain}.`)
}
