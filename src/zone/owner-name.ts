/** Longest name in octets, root label included, and longest label (RFC 1035 §2.3.4). */
export const MAX_NAME_OCTETS = 255
export const MAX_LABEL_OCTETS = 63

/**
 * Characters of a name that Mesos-DNS could be asked for: its look-up key is the lower-cased question
 * in presentation format, where anything outside printable ASCII and these marks is escaped and so
 * never equals the raw text of a discovery name.
 */
const ESCAPED_MARKS = new Set(Array.from('"().;@\\ ', (mark) => mark.charCodeAt(0)))

const UPPER_A = 0x41
const UPPER_Z = 0x5a
const DOT = 0x2e

/**
 * Wire form (RFC 1035 §3.1) of an owner name with a trailing dot, or undefined when nobody can ask for
 * it: an empty or over-long label, an over-long name, capitals (look-ups are lower-cased), characters
 * that presentation format escapes, or a `.*`, which queries lose before they are looked up.
 */
export function ownerToWire(name: string): Uint8Array | undefined {
  if (name.length === 0 || name.length > MAX_NAME_OCTETS - 1 || name.includes('.*'))
    return undefined
  const wire = new Uint8Array(name.length + 1)
  let lengthAt = 0
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code === DOT) {
      const labelOctets = i - lengthAt
      if (labelOctets === 0 || labelOctets > MAX_LABEL_OCTETS) return undefined
      wire[lengthAt] = labelOctets
      lengthAt = i + 1
    } else {
      if (code <= 0x20 || code >= 0x7f || ESCAPED_MARKS.has(code)) return undefined
      if (code >= UPPER_A && code <= UPPER_Z) return undefined
      wire[i + 1] = code
    }
  }
  return lengthAt === name.length ? wire : undefined
}

/** Wire form of a name from the configuration (`SOAMname`, a CNAME target): as above, case folded. */
export function hostToWire(name: string): Uint8Array | undefined {
  return ownerToWire(name.toLowerCase())
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
  return ESCAPED_MARKS.has(octet) ? `\\${char}` : char
}

/** The name one label up: `marathon.mesos.` of `web.marathon.mesos.`; `''` above a single label. */
export function parentName(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}
