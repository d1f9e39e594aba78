import type { Operation, ResponseDoc, Route } from '../route.ts'
import type { Problem } from '../schemas.ts'
import * as answers from './answers.ts'
import { problemBody } from './problem.ts'

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
    406: problemDoc(
      'Accept excludes application/json.',
      problemBody(406, 'not-acceptable', 'answers are application/json, Accept excludes it'),
    ),
    503: {
      ...problemDoc(
        'No state has been received yet.',
        problemBody(503, 'not-ready', 'no state from a Mesos master yet, try again'),
      ),
      headers: { 'Retry-After': 'Seconds to wait.' },
    },
  }
}

function problemDoc(description: string, example: Problem): ResponseDoc {
  return { description, contentType: 'application/problem+json', schema: 'Problem', example }
}
