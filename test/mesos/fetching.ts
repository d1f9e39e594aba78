import type { TestContext } from 'node:test'
import { silentLogger } from '../../src/log.ts'
import { createAuthenticator } from '../../src/mesos/auth/index.ts'
import type { MesosConfig } from '../../src/mesos/config.ts'
import { createStateFetcher } from '../../src/mesos/fetch.ts'
import { createMasterHttp } from '../../src/mesos/http.ts'
import { loadTls } from '../../src/mesos/tls.ts'
import type { HostPort } from '../../src/net/address.ts'
import { createHostResolver, type Lookup } from '../../src/state/host-resolver.ts'

export const CONFIG: MesosConfig = {
  zk: '',
  masters: [],
  zkDetectionTimeout: 30,
  zkStrict: false,
  zkTls: { on: false, caCertFile: '', certFile: '', keyFile: '' },
  updates: 'poll',
  refreshSeconds: 60,
  failoverHoldSeconds: 600,
  auditSeconds: 300,
  stateTimeoutSeconds: 20,
  mesosHttpsOn: false,
  caCertFile: '',
  certFile: '',
  keyFile: '',
  mesosAuthentication: '',
  mesosCredentials: { principal: '', secret: '' },
  iamConfigFile: '',
}

export const BASIC: Partial<MesosConfig> = {
  mesosAuthentication: 'basic',
  mesosCredentials: { principal: 'dns', secret: 'sésame:1' },
}
/** The header that BASIC makes. */
export const BASIC_HEADER = `Basic ${Buffer.from('dns:sésame:1').toString('base64')}`

export interface FetchSettings {
  readonly config?: Partial<MesosConfig>
  readonly lookup?: Lookup
  readonly maxBytes?: number
  /** For all fetches, or of each one. */
  readonly signal?: AbortSignal | (() => AbortSignal | undefined)
}

/** A fetcher as createStateSource makes it, closed with the test. */
export function fetcherFor(t: TestContext, settings: FetchSettings = {}) {
  const config = { ...CONFIG, ...settings.config }
  const { maxBytes, signal } = settings
  const signalOf = () =>
    (typeof signal === 'function' ? signal() : signal) ?? new AbortController().signal
  const http = createMasterHttp({
    tls: loadTls(config),
    userAgent: 'mesos-ns/test',
    timeoutMs: config.stateTimeoutSeconds * 1000,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  })
  t.after(() => http.close())
  const fetch = createStateFetcher({
    http,
    authenticator: createAuthenticator(config, http, silentLogger),
    resolver: createHostResolver({ lookup: settings.lookup ?? (async () => []) }),
    scheme: config.mesosHttpsOn ? 'https' : 'http',
  })
  return (...candidates: { readonly address: HostPort }[]) =>
    fetch(
      candidates.map(({ address }) => address),
      signalOf(),
    )
}

/** An address where nothing listens: that of a master that was stopped. */
export async function deadAddress(): Promise<{ address: HostPort }> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { address: { host: '127.0.0.1', port: address.port } }
}
