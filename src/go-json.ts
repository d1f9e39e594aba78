/** Size at which a piece of a long document is handed on, in UTF-16 code units. */
const CHUNK = 64 * 1024

/**
 * What cannot stand in a string as it is: control characters, quote, backslash, `<`, `>`, `&`, U+2028,
 * U+2029, and surrogates without their other half.
 */
const ESCAPED = /[^ !#-%'-;=?-[\]-\u2027\u202a-\ud7ff\ue000-\u{10ffff}]/gu

/** Most strings are of these characters only, which is found out faster. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** An array or object whose members are still being written. */
interface Container {
  readonly close: ']' | '}'
  readonly members: Iterator<readonly [key: string | undefined, value: unknown]>
  separator: '' | ','
}

/**
 * JSON exactly as Go's `json.MarshalIndent(value, " ", " ")` lays it out, which is what clients of
 * Mesos-DNS see: every line but the first starts with the prefix, `<`, `>` and `&` are escaped, empty
 * arrays and objects stay on one line, and there is no newline at the end. Members come in the order of
 * the object, as those of Go structs do; whoever stands in for a Go map sorts. Undefined members are left
 * out.
 *
 * @throws TypeError for a value JSON cannot hold, as Go returns an error.
 */
export function goJson(value: unknown): string {
  return [...goJsonChunks(value)].join('')
}

/** The same in pieces of some 64 KiB, so that a body of many megabytes is never held as one string. */
export function* goJsonChunks(value: unknown): Generator<string, void> {
  const open: Container[] = []
  let text = begin(value, open)
  for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
    const member = inner.members.next()
    if (member.done === true) {
      open.pop()
      text += `${newline(open.length)}${inner.close}`
    } else {
      const [key, element] = member.value
      text += `${inner.separator}${newline(open.length)}${key === undefined ? '' : `${quote(key)}: `}`
      inner.separator = ','
      text += begin(element, open)
    }
    if (text.length >= CHUNK) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

/** The whole text of a scalar, or the opening bracket of a container, which is left on `open`. */
function begin(value: unknown, open: Container[]): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') throw new TypeError(`JSON has no form for ${String(value)}`)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    open.push({ close: ']', members: elements(value), separator: '' })
    return '['
  }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  if (entries.length === 0) return '{}'
  open.push({ close: '}', members: entries.values(), separator: '' })
  return '{'
}

function* elements(array: readonly unknown[]): Generator<readonly [undefined, unknown]> {
  for (const element of array) yield [undefined, element]
}

/** Prefix and indent are one space each. */
function newline(depth: number): string {
  return `\n${' '.repeat(depth + 1)}`
}

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : `"${text.replace(ESCAPED, escapeUnit)}"`
}

/** A lone surrogate has no UTF-8 form; Go writes the replacement character for such octets. */
function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  const shown = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code
  return SHORT_ESCAPES[unit] ?? `\\u${shown.toString(16).padStart(4, '0')}`
}
