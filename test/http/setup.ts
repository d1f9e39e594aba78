import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type Config, parseConfig } from '../../src/config/index.ts'
import { createCounters, readCounters, ThreadCounters } from '../../src/counters/index.ts'
import { FRESHNESS } from '../../src/freshness.ts'
import { goJson } from '../../src/go-json.ts'
import {
  createHttpApi,
  type HttpApi,
  type HttpApiOptions,
  type ReloadResult,
  type ServerStatus,
} from '../../src/http/index.ts'
import { silentLogger } from '../../src/log.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { axfrBody } from '../../src/records/axfr.ts'
import type { Enumeration } from '../../src/records/enumeration.ts'
import { RecordSet } from '../../src/records/record-set.ts'
import type { FollowStatus } from '../../src/status.ts'
import type { Snapshot } from '../../src/zone/snapshot.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'

export const SERIAL = 1767225600
export const VERSION = '0.1.0-test'

/** Settings by the keys of the file; listens on a free port of 127.0.0.1 unless told otherwise. */
export function config(settings: Readonly<Record<string, unknown>> = {}): Config {
  const base = { masters: ['127.0.0.1:5050'], HTTPListener: '127.0.0.1', httpport: 0 }
  return parseConfig(JSON.stringify({ ...base, ...settings })).config
}

/** One framework with a service of two instances, and one odd name of every kind. */
export function records(): RecordSet {
  const set = new RecordSet()
  set.add('A', 'leader.mesos.', '10.0.0.1')
  set.add('A', 'web.marathon.mesos.', '10.3.0.1')
  set.add('A', 'web.marathon.mesos.', '10.3.0.2')
  set.add('AAAA', 'web.marathon.mesos.', '2001:db8::1')
  set.add('A', 'web-aaaaa-0.marathon.mesos.', '10.3.0.1')
  set.add('A', 'web-aaaaa-0.marathon.mesos.', '10.4.0.1')
  set.add('AAAA', 'web-aaaaa-0.marathon.mesos.', '2001:db8::1')
  set.add('A', 'web-bbbbb-1.marathon.mesos.', '10.3.0.2')
  set.add('SRV', '_web._tcp.marathon.mesos.', '0 1 80 web-aaaaa-0.marathon.mesos.')
  set.add('SRV', '_web._tcp.marathon.mesos.', '0 1 31000 web-bbbbb-1.marathon.mesos.')
  set.add('SRV', '_web._tcp.marathon.mesos.', '0 1 81 no-address.marathon.mesos.')
  set.add('SRV', '_empty._tcp.marathon.mesos.', '0 1 81 no-address.marathon.mesos.')
  set.add('CNAME', 'www.mesos.', 'web.marathon.mesos.', 5)
  set.add('TXT', 'note.mesos.', 'hello')
  set.add('A', 'Raw <Name>.marathon.mesos.', '10.3.0.9')
  set.add('PTR', '1.0.3.10.in-addr.arpa.', 'web.marathon.mesos.')
  return set
}

export const ENUMERATION: Enumeration = {
  frameworks: [
    {
      tasks: [
        {
          name: 'web',
          id: 'web.1',
          records: [{ name: 'web.marathon.mesos.', host: '10.3.0.1', rtype: 'A' }],
        },
        { name: 'web', id: 'web.2', records: null },
      ],
      name: 'marathon',
    },
    { tasks: null, name: 'idle' },
  ],
}

export interface Known extends Partial<Pick<Snapshot, 'receivedAt' | 'listing'>> {
  readonly records?: RecordSet
  readonly config?: Config
  readonly serial?: number
}

/** A snapshot of records that are given, or of records(). */
export function snapshot(known: Known = {}): Snapshot {
  const { records: set = records(), config: settings = config(), serial = SERIAL } = known
  const { ttl, refreshSeconds, soaMname: mname, soaRname: rname, domain } = settings
  const bodies = {
    enumerate: () => ENUMERATION,
    axfr: () => axfrBody(set, { ttl, serial, refreshSeconds, mname, rname, domain }),
  }
  return {
    zone: zoneOf(set, settings, serial),
    receivedAt: 0,
    listing: async (kind) => [Buffer.from(goJson(bodies[kind]()))],
    ...known,
  }
}

/** Of two threads, the second of which nobody has asked anything. */
function counters() {
  const buffers = [createCounters(), createCounters()] as const
  const thread = new ThreadCounters(buffers[0])
  thread.answered('udp', 4, TYPE.A, RCODE.NOERROR, false)
  thread.answered('tcp', 6, TYPE.SRV, RCODE.NOERROR, true)
  thread.answered('udp', 4, TYPE.MX, RCODE.NXDOMAIN, false)
  thread.dropped('response')
  thread.latency(0.000_01, 3)
  return readCounters(buffers)
}

/** 2026-01-01T00:00:00Z, in milliseconds since the epoch. */
export const NOW = SERIAL * 1000

/** A cluster that is followed as it should be, through ZooKeeper and the event stream. */
export function following(change: Partial<FollowStatus> = {}): FollowStatus {
  return {
    leader: '10.0.0.1:5050',
    confirmedAt: NOW - 2_500,
    leaderChanges: 1,
    polls: {
      count: 5,
      failures: 2,
      consecutiveFailures: 0,
      lastSuccess: { at: NOW - 60_000, master: '10.0.0.1:5050', bytes: 1_482_311, durationMs: 61 },
      lastFailure: {
        at: NOW - 120_000,
        code: 'MESOS_NS_STATE_FETCH',
        message: 'no state from 10.0.0.2:5050: timeout',
      },
    },
    stream: {
      state: 'connected',
      since: NOW - 100_000,
      master: '10.0.0.1:5050',
      connects: 2,
      failures: 1,
      lastError: undefined,
      events: { SUBSCRIBED: 2, HEARTBEAT: 40, TASK_UPDATED: 7, other: 1 },
      lastEventAt: NOW - 2_500,
    },
    audits: { count: 3, drift: 1, lastDrift: 0, lastAt: NOW - 60_000 },
    guard: {
      held: { agents: 0, frameworks: 0, tasks: 0 },
      holdUntil: undefined,
      failovers: 1,
      doubting: false,
      doubts: 0,
      confirmedLosses: 0,
    },
    zookeeper: {
      state: 'connected',
      since: NOW - 200_000,
      lastError: undefined,
      server: '10.0.0.1:2181',
    },
    ...change,
  }
}

/** A server with two query threads that is well. */
export function status(change: Partial<ServerStatus> = {}): ServerStatus {
  return {
    follow: following(),
    freshness: FRESHNESS.FRESH,
    draining: false,
    threads: {
      state: { count: 1, running: 1, restarts: 0 },
      query: { count: 2, running: 2, restarts: 1 },
    },
    reloads: { applied: 0, unchanged: 0, failed: 0, last: undefined },
    ...change,
  }
}

/** A reload that found nothing new. */
export function unchanged(change: Partial<ReloadResult> = {}): ReloadResult {
  return { status: 'unchanged', changed: [], needsRestart: [], warnings: [], ...change }
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Client {
  readonly port: number
  readonly api: HttpApi
  /** Sends the path as it is written here: no cleaning by a URL parser. */
  request(path: string, options?: RequestOptions): Promise<Reply>
}

/** A listening API over `snapshot()`, closed when the test ends. */
export async function serve(
  t: TestContext,
  options: Partial<HttpApiOptions> = {},
): Promise<Client> {
  const current = snapshot()
  const api = createHttpApi({
    config: config(),
    log: silentLogger,
    snapshot: () => current,
    counters,
    status: () => status(),
    reload: async () => unchanged(),
    now: () => NOW,
    version: VERSION,
    ...options,
  })
  const { port } = await api.listen()
  t.after(() => api.close())
  return { port, api, request: (path, more) => send({ port, path, agent: false, ...more }) }
}

function send(options: RequestOptions): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', ...options }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      )
    })
    request.once('error', reject)
    request.end()
  })
}
