import { freePort } from '../../test/programs.ts'
import { startDaemon } from '../daemon.ts'
import { ask } from '../dns-client.ts'
import { compile } from '../workspace.ts'
import { type ServerKind, START_MS } from './server.ts'

/** What the kernel alone costs: a C program that gives every query the same answer. */
export const floor: ServerKind = {
  id: 'floor',
  title: 'C floor',
  role: 'floor',
  programs: ['cc'],
  version: () => '',
  start: async ({ folder, domain }) => {
    const port = await freePort()
    const daemon = await startDaemon({
      name: 'the C floor',
      program: compile('floor.c', folder),
      args: [String(port)],
      folder,
      ready: async () => (await ask(port, { name: domain, type: 'A' })).answers?.length === 1,
      timeoutMs: START_MS,
    })
    return { ...daemon, port }
  },
}
