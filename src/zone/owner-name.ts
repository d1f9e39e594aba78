/** Longest name in octets, root label included, and longest label (RFC 1035 §2.3.4). */
export const MAX_NAME_OCTETS = 255
export const MAX_LABEL_OCTETS = 63

/**
 * Characters of a name that Mesos-DNS could not be asked for: its look-up key is the lower-cased question
 * in presentation format, where these marks, like anything outside printable ASCII, are escaped and so
 * never equal the raw text of a discovery name.
 */
const ESCAPED_MARKS = '"().;@\\'

const UPPER_A = 0x41
const UPPER_Z = 0x5a
const DOT = 0x2e
const STAR = 0x2a

const ESCAPED = new Uint8Array(0x80)
for (const mark of ESCAPED_MARKS) ESCAPED[mark.charCodeAt(0)] = 1

function isEscapedMark(code: number): boolean {
  return ESCAPED[code] === 1
}

/**
 * Wire form (RFC 1035 §3.1) of an owner name with a trailing dot, or undefined when nobody can ask for
 * it: an empty or over-long label, an over-long name, capitals (look-ups are lower-cased), characters
 * that presentation format escapes, or a `.*`, which queries lose before they are looked up.
 */
export function ownerToWire(name: string): Uint8Array | undefined {
  const wire = new Uint8Array(MAX_NAME_OCTETS)
  const end = writeOwner(wire, 0, name)
  return end === 0 ? undefined : wire.slice(0, end)
}

/** Wire form of a name from the configuration (`SOAMname`, a CNAME target): as above, case folded. */
export function hostToWire(name: string): Uint8Array | undefined {
  return ownerToWire(name.toLowerCase())
}

/**
 * Writes the wire form of an owner name, the text from a character on, at `start`, where there is room
 * for MAX_NAME_OCTETS. Returns where it ends, or 0 when nobody can ask for the name; what was written is
 * then meaningless.
 */
export function writeOwner(out: Uint8Array, start: number, text: string, from = 0): number {
  const length = text.length - from
  if (length <= 0 || length > MAX_NAME_OCTETS - 1) return 0
  // Octet i + 1 of the wire is character i of the name; a dot gives way to the next label's length.
  let label = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(from + i)
    if (code === DOT) {
      const octets = i - label
      if (octets === 0 || octets > MAX_LABEL_OCTETS) return 0
      out[start + label] = octets
      label = i + 1
      if (text.charCodeAt(from + label) === STAR) return 0
    } else {
      if (code <= 0x20 || code >= 0x7f || (code >= UPPER_A && code <= UPPER_Z)) return 0
      if (isEscapedMark(code)) return 0
      out[start + i + 1] = code
    }
  }
  if (label !== length) return 0
  out[start + length] = 0
  return start + length + 1
}

/** Presentation form, with a trailing dot, of an uncompressed name (RFC 1035 §5.1, RFC 4343 §2.1). */
export function wireToName(wire: Uint8Array, offset = 0): string {
  if (wire[offset] === 0) return '.'
  let name = ''
  for (let at = offset; ; ) {
    const octets = wire[at] ?? 0
    if (octets === 0) return name
    for (let i = at + 1; i <= at + octets; i++) name += presentOctet(wire[i] ?? 0)
    name += '.'
    at += octets + 1
  }
}

function presentOctet(octet: number): string {
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`
  const char = String.fromCharCode(octet)
  return isEscapedMark(octet) ? `\\${char}` : char
}

/** The name one label up: `marathon.mesos.` of `web.marathon.mesos.`; `''` above a single label. */
export function parentName(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}
