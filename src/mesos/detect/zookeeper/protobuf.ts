/** A field of a message: varints as number (exact up to 2^53), everything else as its bytes. */
export interface ProtobufField {
  readonly number: number
  readonly value: number | Buffer
}

/**
 * Fields of one protocol buffers message, in order (protobuf.dev/programming-guides/encoding). Throws
 * Error where the bytes are not a message.
 */
export function readFields(bytes: Buffer): ProtobufField[] {
  const fields: ProtobufField[] = []
  let offset = 0

  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const octet = bytes[offset++]
      if (octet === undefined) throw new Error('message ends inside a varint')
      value += (octet & 0x7f) * 2 ** shift
      if (octet < 0x80) return value
    }
    throw new Error('varint of more than 10 octets')
  }

  const take = (length: number): Buffer => {
    if (length > bytes.length - offset) throw new Error('message ends inside a field')
    offset += length
    return bytes.subarray(offset - length, offset)
  }

  const value = (wireType: number): number | Buffer => {
    if (wireType === 0) return varint()
    if (wireType === 1) return take(8)
    if (wireType === 2) return take(varint())
    if (wireType === 5) return take(4)
    throw new Error(`unknown wire type ${wireType}`)
  }

  while (offset < bytes.length) {
    const tag = varint()
    fields.push({ number: Math.floor(tag / 8), value: value(tag % 8) })
  }
  return fields
}
