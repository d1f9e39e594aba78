import { z } from 'zod'
import { health, issue, readiness, reloadV1, statusV2 } from './status-schemas.ts'

const integer = z.int()
const ipAddress = z.string().meta({ description: 'IPv4 or IPv6 address.', examples: ['10.3.0.1'] })
const serial = z
  .int()
  .min(0)
  .max(0xffff_ffff)
  .meta({ description: 'SOA serial of the zone; moves only when its content does.' })
const ttl = z.int().min(0).meta({ description: 'Seconds this answer may be kept.' })
const domainName = z.string().meta({
  description: 'Fully qualified, with the dot at the end.',
  examples: ['liquor-store.marathon.mesos.'],
})

/** Shapes of /v1, which are those of Mesos-DNS. */
export const versionV1 = z
  .strictObject({ Service: z.literal('Mesos-DNS'), URL: z.string(), Version: z.string() })
  .meta({ description: 'Which API this is, where it is described, and the version of mesos-ns.' })

export const configV1 = z
  .looseObject({
    Masters: z.array(z.string()).nullable(),
    RefreshSeconds: integer,
    TTL: integer,
    Port: integer,
    Domain: z.string(),
    Listener: z.union([z.string(), z.array(z.string())]),
    HTTPListener: z.string(),
    HttpPort: integer,
    File: z.string(),
  })
  .meta({
    description:
      'Every setting in effect under the names of docs/configuration.md; secrets masked.',
  })

export const hostsV1 = z.array(z.strictObject({ host: z.string(), ip: z.string() })).meta({
  description: 'IPv4 addresses first. For an unknown name: one object of empty strings.',
})

export const servicesV1 = z
  .array(
    z.strictObject({ service: z.string(), host: z.string(), ip: z.string(), port: z.string() }),
  )
  .meta({
    description:
      'Per SRV record one random IPv4 and one random IPv6 address of its target; the name as asked. ' +
      'For an unknown name: one object of empty strings.',
  })

const enumeratedRecord = z.strictObject({
  name: z.string(),
  host: z.string(),
  rtype: z.enum(['A', 'AAAA', 'SRV']),
})
const enumeratedTask = z.strictObject({
  name: z.string(),
  id: z.string(),
  records: z.array(enumeratedRecord).nullable(),
})
export const enumerationV1 = z
  .strictObject({
    frameworks: z
      .array(z.strictObject({ tasks: z.array(enumeratedTask).nullable(), name: z.string() }))
      .nullable(),
  })
  .meta({ description: 'The records each running task was the first to cause.' })

const recordsByName = z.record(z.string(), z.array(z.string()))
export const axfrV1 = z
  .strictObject({
    TTL: integer,
    Serial: serial,
    RefreshSeconds: integer,
    Mname: z.string(),
    Rname: z.string(),
    Domain: z.string(),
    Records: z.strictObject({ As: recordsByName, AAAAs: recordsByName, SRVs: recordsByName }),
  })
  .meta({ description: 'The whole zone; SRV values are `target.:port`.' })

/** Shapes of /v2. */
const canonicalName = domainName.meta({
  description: 'The name the records belong to: `name` itself, or where its CNAME leads.',
})

export const hostV2 = z
  .strictObject({
    name: domainName,
    canonicalName,
    serial,
    ttl,
    addresses: z.array(ipAddress).meta({ description: 'IPv4 addresses first.' }),
  })
  .meta({ description: 'All addresses of a name.' })

export const serviceV2 = z
  .strictObject({
    name: domainName,
    canonicalName,
    serial,
    ttl,
    targets: z.array(
      z.strictObject({
        target: domainName,
        port: integer,
        priority: z.int().min(0).max(65535),
        weight: z.int().min(0).max(65535),
        addresses: z.array(ipAddress),
      }),
    ),
  })
  .meta({ description: 'All SRV records of a name (RFC 2782), each with all addresses.' })

const count = z.int().min(0)
const countByName = z.record(z.string(), count)
const countsV2 = z.strictObject({
  answers: count.meta({ description: 'Replies, forwarded ones included.' }),
  byTransport: countByName.meta({ description: 'Replies by transport and address family.' }),
  byType: countByName.meta({ description: 'Replies by type of the question.' }),
  byRcode: countByName.meta({
    description: 'Replies by RCODE; those that never occurred are left out.',
  }),
  truncated: count.meta({ description: 'Replies with the TC bit.' }),
  forwarded: count.meta({ description: 'Queries handed to upstreams.' }),
  dropped: countByName.meta({ description: 'Messages that got no reply, by reason.' }),
  overflow: count.meta({ description: 'Datagrams lost because a receive buffer was full.' }),
  sendFailed: countByName.meta({ description: 'Replies the system did not take, by reason.' }),
  connections: z.strictObject({ open: count, accepted: count, refused: count }).meta({
    description: 'TCP connections: open now, accepted in all, refused because of a limit.',
  }),
  latency: z.strictObject({
    count,
    sum: z.number().min(0).meta({ description: 'Seconds in all.' }),
    buckets: z
      .array(z.strictObject({ seconds: z.number().nullable(), count }))
      .readonly()
      .meta({
        description: 'Replies by bucket: how many took up to `seconds`; null has no bound.',
      }),
  }),
})

export const countersV2 = z
  .strictObject({ total: countsV2, threads: z.array(countsV2).readonly() })
  .meta({ description: 'What has been counted since the start: in all, and by query thread.' })

export const problem = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'The status in words.' }),
    status: integer,
    detail: z.string().meta({ description: 'What was wrong, for a person.' }),
    reason: z
      .enum([
        'invalid-name',
        'outside-zone',
        'no-such-name',
        'no-such-type',
        'no-such-path',
        'method-not-allowed',
        'not-acceptable',
        'bad-request',
        'uri-too-long',
        'not-ready',
        'forbidden',
        'invalid-config',
        'reload-failed',
        'internal-error',
      ])
      .meta({ description: 'What was wrong, for a program.' }),
  })
  .meta({ description: 'An error (RFC 9457).' })

export const reloadProblem = problem
  .extend({
    errors: z.array(issue).meta({ description: 'What is wrong in the configuration, all of it.' }),
    warnings: z.array(issue),
  })
  .meta({ description: 'A configuration that could not be put into effect; nothing has changed.' })

export const openApi = z
  .looseObject({
    openapi: z.literal('3.1.1'),
    info: z.looseObject({ title: z.string(), version: z.string() }),
    paths: z.looseObject({}),
  })
  .meta({ description: 'An OpenAPI document.' })

/** Everything OpenAPI names under `components.schemas`. */
export const SCHEMAS = {
  VersionV1: versionV1,
  ConfigV1: configV1,
  HostsV1: hostsV1,
  ServicesV1: servicesV1,
  EnumerationV1: enumerationV1,
  AxfrV1: axfrV1,
  HostV2: hostV2,
  ServiceV2: serviceV2,
  CountersV2: countersV2,
  StatusV2: statusV2,
  ReloadV1: reloadV1,
  ReloadProblem: reloadProblem,
  Health: health,
  Readiness: readiness,
  Problem: problem,
  OpenApi: openApi,
} as const satisfies Readonly<Record<string, z.ZodType>>

export type SchemaName = keyof typeof SCHEMAS
export type HostV2 = z.infer<typeof hostV2>
export type ServiceV2 = z.infer<typeof serviceV2>
export type CountersV2 = z.infer<typeof countersV2>
export type StatusV2 = z.infer<typeof statusV2>
export type Issue = z.infer<typeof issue>
export type ReloadV1 = z.infer<typeof reloadV1>
export type ReloadProblem = z.infer<typeof reloadProblem>
export type Health = z.infer<typeof health>
export type Readiness = z.infer<typeof readiness>
export type Notice = Readiness['reasons'][number]
export type Problem = z.infer<typeof problem>
