import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/programs.ts'
import { startDaemon } from '../daemon.ts'
import { serialOf } from '../dns-client.ts'
import { pathOf } from '../programs.ts'
import { type ServerKind, START_MS } from './server.ts'
import { versionOf } from './version.ts'

/** One UDP worker. */
export const knot: ServerKind = {
  id: 'knot',
  title: 'Knot DNS',
  role: 'authoritative',
  programs: ['knotd'],
  version: () => versionOf(pathOf('knotd'), ['--version']),
  start: async ({ folder, domain, zoneFile }) => {
    const port = await freePort()
    const config = join(folder, 'knot.conf')
    mkdirSync(join(folder, 'storage'))
    writeFileSync(
      config,
      `server:
  rundir: "${folder}"
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "${join(folder, 'storage')}"
log:
  - target: stderr
    any: error
template:
  - id: default
    storage: "${join(folder, 'storage')}"
    journal-content: none
    zonefile-sync: -1
    semantic-checks: off
zone:
  - domain: ${domain}
    file: "${zoneFile}"
`,
    )
    const daemon = await startDaemon({
      name: 'knotd',
      program: pathOf('knotd'),
      args: ['-c', config],
      folder,
      ready: async () => (await serialOf(port, domain)) > 0,
      timeoutMs: START_MS,
    })
    return { ...daemon, port }
  },
}
