import { userInfo } from 'node:os'
import { freePort } from '../../test/programs.ts'
import { startDaemon } from '../daemon.ts'
import { serialOf } from '../dns-client.ts'
import { pathOf } from '../programs.ts'
import { type ServerKind, START_MS } from './server.ts'
import { versionOf } from './version.ts'

/** The most it takes without a warning. */
const CACHE_ENTRIES = 10_000

/** One thread that answers from its cache; what is not there it asks the upstream for. */
export const dnsmasq: ServerKind = {
  id: 'dnsmasq',
  title: 'dnsmasq, cached',
  role: 'cache',
  programs: ['dnsmasq'],
  version: () => versionOf(pathOf('dnsmasq'), ['--version']),
  start: async ({ folder, domain, upstream }) => {
    const port = await freePort()
    const daemon = await startDaemon({
      name: 'dnsmasq',
      program: pathOf('dnsmasq'),
      args: [
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--pid-file=',
        `--user=${userInfo().username}`,
        '--no-resolv',
        '--no-hosts',
        '--listen-address=127.0.0.1',
        '--bind-interfaces',
        `--port=${port}`,
        `--server=127.0.0.1#${upstream}`,
        `--cache-size=${CACHE_ENTRIES}`,
        '--dns-forward-max=1000',
      ],
      folder,
      ready: async () => (await serialOf(port, domain)) > 0,
      timeoutMs: START_MS,
    })
    return { ...daemon, port }
  },
}
