import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { canonicalIp } from '../../net/address.ts'
import { Fault } from '../issue.ts'
import { converted, distinct, setting, ttlSeconds, uint16 } from '../setting.ts'
import { suggest } from '../suggest.ts'

const IP_SOURCES = ['host', 'netinfo', 'docker', 'mesos', 'autoip'] as const

function ipSource(text: string): string | Fault {
  if (IP_SOURCES.some((source) => source === text) || /^label:./.test(text)) return text
  const meant = suggest(text, IP_SOURCES)
  return new Fault(
    'is not a source of addresses',
    meant === undefined ? `use ${IP_SOURCES.join(', ')} or label:<key>` : `write ${meant}`,
  )
}

function ipv4(text: string): string | Fault {
  return isIPv4(text) ? text : new Fault('is not an IPv4 address', 'write one such as 10.0.0.1')
}

function ipv6(text: string): string | Fault {
  const address = canonicalIp(text)
  return address?.includes(':') === true
    ? address
    : new Fault('is not an IPv6 address', 'write one such as 2001:db8::1')
}

const common = {
  name: z
    .string()
    .describe('Below the domain, or absolute with a dot at its end; `@` is the domain itself.'),
  ttl: ttlSeconds.optional().describe('Seconds; without it, `ttl`.'),
}

/** One entry of `staticRecords`; names are looked at once the domain is known. */
export const staticRecordSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('A'),
    ...common,
    address: converted(z.string(), ipv4).describe('IPv4 address.'),
  }),
  z.object({
    type: z.literal('AAAA'),
    ...common,
    address: converted(z.string(), ipv6).describe('IPv6 address.'),
  }),
  z.object({
    type: z.literal('SRV'),
    ...common,
    priority: uint16.prefault(0).describe('The lowest is tried first.'),
    weight: uint16.optional().describe('Share of the load; without it, `srvRecordDefaultWeight`.'),
    port: uint16,
    target: z.string().describe('Host name, relative to the domain unless it ends with a dot.'),
  }),
  z.object({
    type: z.literal('CNAME'),
    ...common,
    target: z.string().describe('Name, relative to the domain unless it ends with a dot.'),
  }),
  z.object({
    type: z.literal('TXT'),
    ...common,
    text: z.string(),
  }),
])

/** A static record as the file has it, all but its names checked. */
export type StaticRecordEntry = z.output<typeof staticRecordSchema>

/** Which records the cluster's state turns into. */
export const records = {
  ipSources: setting({
    key: 'IPSources',
    schema: z.array(converted(z.string(), ipSource)).min(1).superRefine(distinct('source')),
    default: ['netinfo', 'mesos', 'host'],
    doc: 'Where a task’s addresses are looked for; the first source that has any wins: `netinfo`, `mesos`, `docker`, `host`, `autoip` (the agent’s address if a host port is mapped, else the task’s own), `label:<key>` (that label of the task, else of its status).',
  }),
  enforceRfc952: setting({
    key: 'EnforceRFC952',
    schema: z.boolean(),
    default: false,
    doc: 'Makes labels of at most 24 characters that begin with a letter.',
  }),
  srvRecordDefaultWeight: setting({
    key: 'srvRecordDefaultWeight',
    publicName: 'SRVRecordDefaultWeight',
    schema: uint16,
    default: 1,
    doc: 'Weight of every SRV record.',
  }),
  health: setting({
    key: 'health',
    schema: z.enum(['include', 'exclude', 'require']),
    default: 'include',
    doc: 'Tasks whose health check fails are served all the same, left out (unless that left nothing of a name), or left out like those whose check has not passed yet.',
  }),
  reverseDnsOn: setting({
    key: 'ReverseDnsOn',
    schema: z.boolean(),
    default: false,
    doc: 'Answers PTR queries for the addresses of tasks; other reverse names are still forwarded.',
  }),
  staticRecords: setting({
    key: 'staticRecords',
    schema: z.array(staticRecordSchema),
    default: [],
    example: [{ name: 'db', type: 'A', address: '10.0.0.1' }],
    doc: 'Records of your own in the zone: A, AAAA, SRV, CNAME and TXT.',
  }),
}
