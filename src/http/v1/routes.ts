import type { Config } from '../../config/schema.ts'
import type { Operation, ResponseDoc, Route } from '../route.ts'
import type { SchemaName } from '../schemas.ts'
import * as answers from './answers.ts'

/** The API of Mesos-DNS, path by path. */
export function v1Routes(config: Pick<Config, 'enumerationOn'>): Route[] {
  return [
    { path: '/v1/version', operation: VERSION, answer: answers.version },
    { path: '/v1/config', operation: CONFIG, answer: answers.config },
    { path: '/v1/hosts/{host}', operation: HOSTS, answer: answers.hosts },
    { path: '/v1/hosts/{host}/ports', operation: PORTS, answer: answers.ports },
    { path: '/v1/services/{service}', operation: SERVICES, answer: answers.services },
    ...(config.enumerationOn
      ? [
          { path: '/v1/enumerate', operation: ENUMERATE, answer: answers.enumerate },
          { path: '/v1/axfr', operation: AXFR, answer: answers.axfr },
        ]
      : []),
  ]
}

const HOST = {
  description: 'A name; letter case, a dot at the end and `.*` labels make no difference.',
  example: 'liquor-store.marathon.mesos',
}
const SERVICE = {
  description: 'A name of SRV records; letter case and `.*` labels make no difference.',
  example: '_liquor-store._tcp.marathon.mesos',
}

const NOT_ACCEPTABLE = plain(
  'Accept names neither application/json nor */*.',
  '406: Not Acceptable',
)
const NOT_READY: ResponseDoc = {
  ...plain('No state has been received yet.', '503: no state from a Mesos master yet, try again'),
  headers: { 'Retry-After': 'Seconds to wait.' },
}

const VERSION: Operation = {
  operationId: 'versionV1',
  summary: 'Version',
  responses: {
    200: json('VersionV1', { Service: 'Mesos-DNS', URL: '/openapi.json', Version: '0.1.0' }),
    406: NOT_ACCEPTABLE,
  },
}

const CONFIG: Operation = {
  operationId: 'configV1',
  summary: 'Settings in effect',
  responses: {
    200: json('ConfigV1', {
      RefreshSeconds: 60,
      TTL: 60,
      Domain: 'mesos',
      Port: 53,
      Masters: ['10.0.0.1:5050'],
      Listener: '0.0.0.0',
      HTTPListener: '0.0.0.0',
      HttpPort: 8123,
      File: '/etc/mesos-ns/config.json',
    }),
    406: NOT_ACCEPTABLE,
  },
}

const HOSTS: Operation = {
  operationId: 'hostsV1',
  summary: 'Addresses of a name',
  description: 'An unknown name is answered with status 200 and one object of empty strings.',
  parameters: { host: HOST },
  responses: {
    200: json('HostsV1', [{ host: 'liquor-store.marathon.mesos.', ip: '10.3.0.1' }]),
    406: NOT_ACCEPTABLE,
    503: NOT_READY,
  },
}

const PORTS: Operation = {
  operationId: 'portsV1',
  summary: 'Never implemented, here as in Mesos-DNS',
  parameters: { host: HOST },
  responses: {
    406: NOT_ACCEPTABLE,
    501: plain('Always.', 'To be implemented...'),
  },
}

const SERVICES: Operation = {
  operationId: 'servicesV1',
  summary: 'Addresses and ports of a service',
  description:
    'Targets without an address are left out. An unknown name is answered with status 200 and one ' +
    'object of empty strings.',
  parameters: { service: SERVICE },
  responses: {
    200: json('ServicesV1', [
      {
        service: '_liquor-store._tcp.marathon.mesos',
        host: 'liquor-store-4dfjd-0.marathon.mesos.',
        ip: '10.3.0.1',
        port: '80',
      },
    ]),
    406: NOT_ACCEPTABLE,
    503: NOT_READY,
  },
}

const ENUMERATE: Operation = {
  operationId: 'enumerateV1',
  summary: 'Records by framework and task',
  description: 'Absent (404) when `EnumerationOn` is false.',
  responses: {
    200: json('EnumerationV1', {
      frameworks: [
        {
          tasks: [
            {
              name: 'liquor-store',
              id: 'liquor-store.b8db9f73-562f-11e4-a088-c20493233aa5',
              records: [{ name: 'liquor-store.marathon.mesos.', host: '10.3.0.1', rtype: 'A' }],
            },
          ],
          name: 'marathon',
        },
      ],
    }),
    406: NOT_ACCEPTABLE,
    503: NOT_READY,
  },
}

const AXFR: Operation = {
  operationId: 'axfrV1',
  summary: 'The whole zone',
  description: 'Absent (404) when `EnumerationOn` is false.',
  responses: {
    200: json('AxfrV1', {
      TTL: 60,
      Serial: 1767225600,
      RefreshSeconds: 60,
      Mname: 'ns1.mesos.',
      Rname: 'root.ns1.mesos.',
      Domain: 'mesos',
      Records: {
        As: { 'leader.mesos.': ['10.0.0.1'] },
        AAAAs: {},
        SRVs: { '_leader._tcp.mesos.': ['leader.mesos.:5050'] },
      },
    }),
    406: NOT_ACCEPTABLE,
    503: NOT_READY,
  },
}

function json(schema: SchemaName, example: unknown): ResponseDoc {
  return { description: 'Found.', contentType: 'application/json', schema, example }
}

function plain(description: string, example: string): ResponseDoc {
  return { description, contentType: 'text/plain; charset=utf-8', example }
}
