import type { TestContext } from 'node:test'
import {
  createForwarder,
  type ForwardClient,
  type ForwardConfig,
  type Forwarder,
  type ForwarderOptions,
} from '../../src/forward/index.ts'
import { silentLogger } from '../../src/log.ts'

export const UDP: ForwardClient = { transport: 'udp', address: '127.0.0.1' }
export const TCP: ForwardClient = { transport: 'tcp', address: '127.0.0.1' }

/** For tests in which every upstream stays silent. Where none does, the default never comes into play. */
export const SHORT_MS = 80
/** For those in which one stays silent and another, on a busy machine too, has to be in time. */
export const AMPLE_MS = 500
const LONG_MS = 20_000

const CONFIG: ForwardConfig = {
  domain: 'mesos',
  externalOn: true,
  resolvers: [],
  zoneResolvers: {},
  timeout: 5,
  setTruncateBit: true,
  allowRecursion: ['127.0.0.0/8', '::1/128'],
  ednsBufferSize: 1232,
}

/** A forwarder that is closed when the test ends. No host file is read unless a test gives one. */
export function forwarder(
  t: TestContext,
  config: Partial<ForwardConfig>,
  options: Partial<Omit<ForwarderOptions, 'config'>> = {},
): Forwarder {
  const made = createForwarder({
    config: { ...CONFIG, ...config },
    log: silentLogger,
    readResolvConf: () => '',
    ownAddresses: () => [],
    timeoutMs: LONG_MS,
    ...options,
  })
  t.after(() => made.close())
  return made
}
