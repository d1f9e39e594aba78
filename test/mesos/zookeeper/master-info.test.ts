import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  parseJsonMasterInfo,
  parseProtobufMasterInfo,
} from '../../../src/mesos/detect/zookeeper/master-info.ts'
import { formatHostPort } from '../../../src/net/address.ts'

const json = (value: unknown) => parseJsonMasterInfo(Buffer.from(JSON.stringify(value)))

test('the address of a JSON MasterInfo', () => {
  const table: [string, unknown, string][] = [
    [
      'address',
      { address: { hostname: 'm1', ip: '10.1.2.3', port: 5051 }, ip: 1, port: 1 },
      '10.1.2.3:5051',
    ],
    ['IPv6 address', { address: { ip: '2001:DB8:0::1', port: 5050 }, ip: 0 }, '[2001:db8::1]:5050'],
    ['little-endian ip', { ip: 0x0100007f, port: 5060 }, '127.0.0.1:5060'],
    ['ip above 2^31', { ip: 0xfe01a8c0, port: 5050 }, '192.168.1.254:5050'],
    ['default port', { ip: 0x0100007f }, '127.0.0.1:5050'],
    [
      'address without ip',
      { address: { hostname: 'm1', port: 5051 }, ip: 0x0100000a, port: 5050 },
      '10.0.0.1:5051',
    ],
    ['address without port', { address: { ip: '10.0.0.2' }, port: 5055 }, '10.0.0.2:5055'],
    [
      'address with a name for an ip',
      { address: { ip: 'm1', port: 5 }, ip: 0x0100000a },
      '10.0.0.1:5',
    ],
    [
      'unspecified address',
      { address: { ip: '0.0.0.0', port: 5050 }, ip: 0x0100000a },
      '10.0.0.1:5050',
    ],
    ['odd other fields', { id: 7, hostname: null, version: {}, ip: 0x0100000a }, '10.0.0.1:5050'],
  ]
  for (const [name, value, expected] of table) {
    assert.equal(formatHostPort(json(value).address), expected, name)
  }
})

test('the other fields', () => {
  const info = json({
    id: 'a-b',
    hostname: 'm1.example',
    version: '1.12.0',
    ip: 0x0100000a,
    capabilities: [],
  })
  assert.deepEqual(info, {
    id: 'a-b',
    hostname: 'm1.example',
    version: '1.12.0',
    address: { host: '10.0.0.1', port: 5050 },
  })
})

test('an odd JSON MasterInfo says what is odd', () => {
  const table: [string, RegExp][] = [
    ['', /JSON/],
    ['{', /JSON/],
    ['null', /object/],
    ['[]', /object|array/],
    ['{}', /no IP address/],
    ['{"ip":0}', /no IP address/],
    ['{"address":{"ip":"::"}}', /no IP address/],
    ['{"ip":-1}', /^ip: /],
    ['{"ip":4294967296}', /^ip: /],
    ['{"ip":1.5}', /^ip: /],
    ['{"ip":"10.0.0.1"}', /^ip: /],
    ['{"ip":16777343,"port":0}', /^port: /],
    ['{"ip":16777343,"port":65536}', /^port: /],
    ['{"address":{"ip":"10.0.0.1","port":"5050"}}', /^address\.port: /],
    ['{"address":"10.0.0.1:5050"}', /^address: /],
  ]
  for (const [text, message] of table) {
    assert.throws(() => parseJsonMasterInfo(Buffer.from(text)), { message }, text)
  }
})

/** Field `number` with the wire type that the value has: bytes, or a varint. */
function field(number: number, value: string | Buffer | number | bigint): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt(value))])
  }
  const bytes = Buffer.from(value)
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes])
}

function varint(value: bigint): Buffer {
  const octets: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 0x7fn; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...octets, Number(rest)])
}

const protobuf = (...fields: Buffer[]) => parseProtobufMasterInfo(Buffer.concat(fields))

test('the address of a protobuf MasterInfo', () => {
  const address = Buffer.concat([field(1, 'm1'), field(2, '10.1.2.3'), field(3, 5051)])
  const table: [string, Buffer[], string][] = [
    ['ip and port', [field(1, 'id'), field(2, 0x0100007f), field(3, 5060)], '127.0.0.1:5060'],
    ['default port', [field(1, 'id'), field(2, 0xfe01a8c0)], '192.168.1.254:5050'],
    ['address', [field(2, 1), field(3, 1), field(7, address)], '10.1.2.3:5051'],
    ['last one wins', [field(2, 1), field(2, 0x0100000a)], '10.0.0.1:5050'],
    [
      'unknown fields of every type',
      [
        field(9, 'x'),
        Buffer.from(`51${'00'.repeat(8)}5d00000000`, 'hex'),
        field(99, -1n),
        field(2, 0x0100000a),
      ],
      '10.0.0.1:5050',
    ],
  ]
  for (const [name, fields, expected] of table) {
    assert.equal(formatHostPort(protobuf(...fields).address), expected, name)
  }
})

test('the strings of a protobuf MasterInfo', () => {
  const info = protobuf(
    field(1, 'id'),
    field(2, 0x0100000a),
    field(4, 'master@10.0.0.1:5050'),
    field(5, 'm1'),
    field(6, '0.23.0'),
  )
  assert.deepEqual(info, {
    id: 'id',
    hostname: 'm1',
    version: '0.23.0',
    address: { host: '10.0.0.1', port: 5050 },
  })
})

test('an odd protobuf MasterInfo says what is odd', () => {
  const table: [string, RegExp][] = [
    ['', /no IP address/],
    ['0a', /ends inside a varint/],
    ['0a05616263', /ends inside a field/],
    ['0b', /wire type 3/],
    [`10${'ff'.repeat(11)}`, /more than 10/],
    ['1201', /ends inside a field/],
    ['10ffffffffffffffffff01', /^ip: /],
    ['120161', /^ip: /],
    ['3a021001', /no IP address/],
  ]
  for (const [hex, message] of table) {
    assert.throws(() => parseProtobufMasterInfo(Buffer.from(hex, 'hex')), { message }, hex)
  }
})

test('random bytes are a MasterInfo or an Error with a message, and soon', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const parse of [parseProtobufMasterInfo, parseJsonMasterInfo]) {
        try {
          assert.ok(parse(Buffer.from(bytes)).address.port > 0)
        } catch (error) {
          assert.ok(error instanceof Error && error.message !== '')
        }
      }
    }),
  )
})
