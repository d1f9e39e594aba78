import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/programs.ts'
import { startDaemon } from '../daemon.ts'
import { serialOf } from '../dns-client.ts'
import { pathOf } from '../programs.ts'
import { type ServerKind, START_MS } from './server.ts'
import { versionOf } from './version.ts'

/**
 * One thread that answers from its cache; what is not there it asks the upstream for. It is no stub zone: then Unbound
 * would go by the NS records in it, to port 53.
 */
export const unbound: ServerKind = {
  id: 'unbound',
  title: 'Unbound, cached',
  role: 'cache',
  programs: ['unbound'],
  version: () => versionOf(pathOf('unbound'), ['-V']),
  start: async ({ folder, domain, upstream }) => {
    const port = await freePort()
    const config = join(folder, 'unbound.conf')
    writeFileSync(
      config,
      `server:
  interface: 127.0.0.1@${port}
  num-threads: 1
  do-ip6: no
  do-daemonize: no
  use-syslog: no
  logfile: ""
  chroot: ""
  username: ""
  pidfile: ""
  directory: "${folder}"
  module-config: "iterator"
  do-not-query-localhost: no
  qname-minimisation: no
  rrset-cache-size: 64m
  msg-cache-size: 64m
remote-control:
  control-enable: no
forward-zone:
  name: "${domain}."
  forward-addr: 127.0.0.1@${upstream}
`,
    )
    const daemon = await startDaemon({
      name: 'unbound',
      program: pathOf('unbound'),
      args: ['-d', '-c', config],
      folder,
      ready: async () => (await serialOf(port, domain)) > 0,
      timeoutMs: START_MS,
    })
    return { ...daemon, port }
  },
}
