import { z } from 'zod'
import { bytesToIp, canonicalIp, type HostPort } from '../../../net/address.ts'
import { type ProtobufField, readFields } from './protobuf.ts'

/** What a master wrote about itself (MasterInfo of mesos.proto), as far as it is of use here. */
export interface MasterInfo {
  readonly id: string
  readonly hostname: string
  readonly version: string
  readonly address: HostPort
}

const DEFAULT_PORT = 5050

/** Only what leads to the address can make a master unusable; the rest is for the log. */
const text = z.string().catch('')
const port = z.number().int().min(1).max(65535)
const masterInfo = z.object({
  id: text,
  hostname: text,
  version: text,
  ip: z.number().int().min(0).max(0xffffffff).optional(),
  port: port.optional(),
  address: z.object({ ip: z.string().optional(), port: port.optional() }).optional(),
})

/** MasterInfo from a `json.info_*` znode (Mesos 0.24 and later). Throws Error saying what is odd. */
export function parseJsonMasterInfo(data: Buffer): MasterInfo {
  return interpret(JSON.parse(data.toString('utf8')))
}

/** MasterInfo from an `info_*` znode (before Mesos 0.24). Throws Error saying what is odd. */
export function parseProtobufMasterInfo(data: Buffer): MasterInfo {
  const fields = readFields(data)
  const address = last(fields, 7)
  return interpret({
    id: string(fields, 1),
    ip: last(fields, 2),
    port: last(fields, 3),
    hostname: string(fields, 5),
    version: string(fields, 6),
    address: Buffer.isBuffer(address) ? protobufAddress(readFields(address)) : undefined,
  })
}

function protobufAddress(fields: readonly ProtobufField[]): unknown {
  return { ip: string(fields, 2), port: last(fields, 3) }
}

/** Of a field that comes more than once the last one counts. */
function last(fields: readonly ProtobufField[], number: number): number | Buffer | undefined {
  return fields.findLast((field) => field.number === number)?.value
}

function string(fields: readonly ProtobufField[], number: number): string | undefined {
  const value = last(fields, number)
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined
}

function interpret(value: unknown): MasterInfo {
  const parsed = masterInfo.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.')
    throw new Error(`${path ? `${path}: ` : ''}${issue?.message ?? 'no MasterInfo'}`)
  }
  const { id, hostname, version, ...rest } = parsed.data
  const host = usableIp(rest.address?.ip) ?? usableIp(littleEndianIp(rest.ip))
  if (host === undefined) throw new Error('no IP address')
  return {
    id,
    hostname,
    version,
    address: { host, port: rest.address?.port ?? rest.port ?? DEFAULT_PORT },
  }
}

/** `ip` holds the four octets in network order, read as a number by a little-endian machine. */
function littleEndianIp(ip: number | undefined): string | undefined {
  if (ip === undefined) return undefined
  const octets = Buffer.allocUnsafe(4)
  octets.writeUInt32LE(ip)
  return bytesToIp(octets)
}

/** One text form; the unspecified address is where a master listens, not where it can be reached. */
function usableIp(ip: string | undefined): string | undefined {
  const canonical = ip === undefined ? undefined : canonicalIp(ip)
  return canonical === '0.0.0.0' || canonical === '::' ? undefined : canonical
}
