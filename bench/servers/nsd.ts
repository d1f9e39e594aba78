import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/programs.ts'
import { startDaemon } from '../daemon.ts'
import { serialOf } from '../dns-client.ts'
import { pathOf } from '../programs.ts'
import { type ServerKind, START_MS } from './server.ts'
import { versionOf } from './version.ts'

/** One server process; its rate limit, which Debian builds in, is off. */
export const nsd: ServerKind = {
  id: 'nsd',
  title: 'NSD',
  role: 'authoritative',
  programs: ['nsd'],
  version: () => versionOf(pathOf('nsd'), ['-v']),
  start: async ({ folder, domain, zoneFile }) => {
    const port = await freePort()
    const config = join(folder, 'nsd.conf')
    writeFileSync(
      config,
      `server:
  ip-address: 127.0.0.1@${port}
  server-count: 1
  username: "${userInfo().username}"
  chroot: ""
  zonesdir: "${folder}"
  pidfile: "${join(folder, 'nsd.pid')}"
  xfrdfile: "${join(folder, 'xfrd.state')}"
  zonelistfile: "${join(folder, 'zone.list')}"
  database: ""
  do-ip6: no
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "${domain}"
  zonefile: "${zoneFile}"
`,
    )
    const daemon = await startDaemon({
      name: 'nsd',
      program: pathOf('nsd'),
      args: ['-d', '-c', config],
      folder,
      ready: async () => (await serialOf(port, domain)) > 0,
      timeoutMs: START_MS,
    })
    return { ...daemon, port }
  },
}
