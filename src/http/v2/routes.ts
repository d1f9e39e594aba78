import type { Operation, ResponseDoc, Route } from '../route.ts'
import type { CountersV2 } from '../schemas.ts'
import * as answers from './answers.ts'
import { problemBody } from './problem.ts'
import { NOT_ACCEPTABLE, problemDoc } from './problem-doc.ts'

/** An example; a real one has more types and buckets. */
const COUNTS = {
  answers: 1204,
  byTransport: { udp4: 1201, udp6: 0, tcp4: 3, tcp6: 0 },
  byType: { A: 1100, AAAA: 0, SRV: 104, other: 0 },
  byRcode: { NOERROR: 1180, NXDOMAIN: 24 },
  truncated: 3,
  forwarded: 0,
  dropped: { short: 0, response: 1, 'port-0': 0, closed: 0 },
  overflow: 0,
  sendFailed: { 'no-buffers': 0, 'too-long': 0, unreachable: 0, other: 0 },
  connections: { open: 0, accepted: 3, refused: 0 },
  latency: {
    count: 1204,
    sum: 0.0147,
    buckets: [
      { seconds: 0.000008, count: 31 },
      { seconds: 0.000016, count: 1173 },
      { seconds: null, count: 0 },
    ],
  },
} satisfies CountersV2['total']

/** The API for new clients: honest status codes, numbers as numbers, all addresses, validators. */
export const V2_ROUTES: readonly Route[] = [
  {
    path: '/v2/hosts/{host}',
    operation: {
      operationId: 'host',
      summary: 'All addresses of a name',
      parameters: {
        host: {
          description: 'A name of the zone; letter case and a dot at the end make no difference.',
          example: 'liquor-store.marathon.mesos',
        },
      },
      responses: responses({
        description: 'The name exists; a CNAME out of the zone leaves `addresses` empty.',
        contentType: 'application/json',
        schema: 'HostV2',
        example: {
          name: 'liquor-store.marathon.mesos.',
          canonicalName: 'liquor-store.marathon.mesos.',
          serial: 1767225600,
          ttl: 60,
          addresses: ['10.3.0.1', '10.3.0.2', 'fd01:b::1:8000:2'],
        },
      }),
    },
    answer: answers.host,
  },
  {
    path: '/v2/services/{service}',
    operation: {
      operationId: 'service',
      summary: 'All SRV records of a name, with all addresses of their targets',
      parameters: {
        service: {
          description: 'A name of the zone; letter case and a dot at the end make no difference.',
          example: '_liquor-store._tcp.marathon.mesos',
        },
      },
      responses: responses({
        description: 'The name exists; targets without an address are kept.',
        contentType: 'application/json',
        schema: 'ServiceV2',
        example: {
          name: '_liquor-store._tcp.marathon.mesos.',
          canonicalName: '_liquor-store._tcp.marathon.mesos.',
          serial: 1767225600,
          ttl: 60,
          targets: [
            {
              target: 'liquor-store-4dfjd-0.marathon.mesos.',
              port: 80,
              priority: 0,
              weight: 1,
              addresses: ['10.3.0.1'],
            },
          ],
        },
      }),
    },
    answer: answers.service,
  },
  {
    path: '/v2/counters',
    operation: {
      operationId: 'counters',
      summary: 'What the query threads have counted',
      responses: {
        200: {
          description: 'Counted since the start; a thread that was replaced goes on where it was.',
          contentType: 'application/json',
          schema: 'CountersV2',
          example: { total: COUNTS, threads: [COUNTS] },
        },
        406: NOT_ACCEPTABLE,
      },
    },
    answer: answers.counters,
  },
]

function responses(found: ResponseDoc): Operation['responses'] {
  const etag = 'Moves when the serial or the content of the zone does.'
  return {
    200: { ...found, headers: { ETag: etag } },
    304: { description: 'If-None-Match names the current ETag.', headers: { ETag: etag } },
    400: problemDoc(
      'Not a DNS name.',
      problemBody(400, 'invalid-name', '"a..b" is no DNS name: it has an empty label'),
    ),
    404: problemDoc(
      'Nothing there; `reason` says which kind of nothing.',
      problemBody(404, 'no-such-name', 'nope.mesos. has no records'),
    ),
    406: NOT_ACCEPTABLE,
    503: {
      ...problemDoc(
        'No state has been received yet.',
        problemBody(503, 'not-ready', 'no state from a Mesos master yet, try again'),
      ),
      headers: { 'Retry-After': 'Seconds to wait.' },
    },
  }
}
