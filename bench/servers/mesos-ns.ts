import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/programs.ts'
import { startDaemon } from '../daemon.ts'
import { serialOf } from '../dns-client.ts'
import { type RunningServer, type ServerContext, type ServerKind, START_MS } from './server.ts'
import { versionOf } from './version.ts'

/** Longer than any benchmark: caches must not ask again, nor the server its master. */
const LONG_SECONDS = 86_400

export type UdpPath = 'batch' | 'dgram'

export interface MesosNsSettings {
  readonly master: string
  readonly domain: string
  readonly port: number
  readonly udp?: UdpPath
  readonly refreshSeconds?: number
  /** Default `poll`: most benchmarks say when it gets a state. */
  readonly updates?: 'stream' | 'poll'
  readonly auditSeconds?: number
}

/** The configuration, also that of `mesos-ns render`. */
export function mesosNsConfig(settings: MesosNsSettings): string {
  const { master, domain, port, udp = 'batch', updates = 'poll' } = settings
  const { refreshSeconds = LONG_SECONDS, auditSeconds = LONG_SECONDS } = settings
  return JSON.stringify({
    masters: [master],
    domain,
    SOAMname: `ns1.${domain}`,
    listener: '127.0.0.1',
    port,
    udp,
    workers: 1,
    updates,
    refreshSeconds,
    auditSeconds,
    stateTimeoutSeconds: LONG_SECONDS,
    ttl: LONG_SECONDS,
    SOAMinttl: LONG_SECONDS,
    externalon: false,
    httpon: false,
  })
}

/** Starts the server as a user would; resolves when `ready` says so, by default when it has the zone. */
export async function startMesosNs(
  { folder, main }: Pick<ServerContext, 'folder' | 'main'>,
  settings: MesosNsSettings,
  ready = async () => (await serialOf(settings.port, settings.domain)) > 0,
): Promise<RunningServer> {
  const config = join(folder, 'config.json')
  writeFileSync(config, mesosNsConfig(settings))
  const daemon = await startDaemon({
    name: 'mesos-ns',
    program: process.execPath,
    args: [main, 'serve', '--config', config],
    folder,
    ready,
    timeoutMs: START_MS,
  })
  return { ...daemon, port: settings.port }
}

function mesosNs(udp: UdpPath): ServerKind {
  return {
    id: `mesos-ns-${udp}`,
    title: `mesos-ns, ${udp}`,
    role: 'authoritative',
    programs: [],
    version: (main) => versionOf(process.execPath, [main, 'version']),
    start: async (context) => {
      const { master, domain } = context
      return startMesosNs(context, { master, domain, port: await freePort(), udp })
    },
  }
}

export const mesosNsBatch = mesosNs('batch')
export const mesosNsDgram = mesosNs('dgram')
