import { bytesToIp, canonicalIp, type HostPort } from '../../../net/address.ts'
import { describe, isObject, type JsonObject } from '../../../state/narrow.ts'
import { type ProtobufField, readFields } from './protobuf.ts'

/** What a master wrote about itself (MasterInfo of mesos.proto), as far as it is of use here. */
export interface MasterInfo {
  readonly id: string
  readonly hostname: string
  readonly version: string
  readonly address: HostPort
}

const DEFAULT_PORT = 5050

const MAX_PORT = 0xffff
const MAX_IP = 0xffff_ffff

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

/** Only what leads to the address can make a master unusable; the rest is for the log. */
function interpret(value: unknown): MasterInfo {
  const info = readObject(value, 'MasterInfo')
  const address = isAbsent(info.address) ? {} : readObject(info.address, 'address')
  const ip = readInteger(info.ip, 'ip', 0, MAX_IP)
  const port = readInteger(info.port, 'port', 1, MAX_PORT)
  const addressPort = readInteger(address.port, 'address.port', 1, MAX_PORT)
  const host = usableIp(readIp(address.ip, 'address.ip')) ?? usableIp(littleEndianIp(ip))
  if (host === undefined) throw new Error('no IP address')
  return {
    id: textOrNone(info.id),
    hostname: textOrNone(info.hostname),
    version: textOrNone(info.version),
    address: { host, port: addressPort ?? port ?? DEFAULT_PORT },
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function readObject(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value
  throw new Error(`${path}: ${describe(value)} instead of an object`)
}

function readInteger(
  value: unknown,
  path: string,
  least: number,
  most: number,
): number | undefined {
  if (isAbsent(value)) return undefined
  const isRight = typeof value === 'number' && Number.isInteger(value)
  if (isRight && value >= least && value <= most) return value
  throw new Error(`${path}: ${describe(value)} instead of an integer from ${least} to ${most}`)
}

function readIp(value: unknown, path: string): string | undefined {
  if (isAbsent(value)) return undefined
  if (typeof value === 'string') return value
  throw new Error(`${path}: ${describe(value)} instead of a string`)
}

function textOrNone(value: unknown): string {
  return typeof value === 'string' ? value : ''
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
