import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, freePort, run, startDaemon } from '../programs.ts'

/** A real Unbound on loopback. */
export interface Unbound extends Daemon {
  readonly host: string
  readonly port: number
}

/** Starts one with these lines of configuration besides what keeps it on loopback and out of the system. */
export async function startUnbound(lines: readonly string[]): Promise<Unbound> {
  const port = await freePort()
  const daemon = await startDaemon({
    name: 'unbound',
    prepare: (directory) => {
      const path = join(directory, 'unbound.conf')
      writeFileSync(join(directory, 'root.hints'), ROOT_HINTS)
      writeFileSync(path, configuration(directory, port, lines))
      return ['-d', '-p', '-c', path]
    },
    answers: async () => {
      const where = ['@127.0.0.1', '-p', String(port)]
      const { status } = await run('kdig', [...where, '+time=1', '+retry=0', 'localhost', 'A'])
      return status === 0
    },
  })
  return { ...daemon, host: '127.0.0.1', port }
}

/** Should anything ever make it look for the root, it must not leave this machine. */
const ROOT_HINTS = '. 3600 IN NS root.invalid.\nroot.invalid. 3600 IN A 127.0.0.1\n'

function configuration(directory: string, port: number, lines: readonly string[]): string {
  return `${[
    'server:',
    '  interface: 127.0.0.1',
    `  port: ${port}`,
    '  access-control: 127.0.0.0/8 allow',
    `  directory: "${directory}"`,
    '  chroot: ""',
    '  username: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  logfile: ""',
    '  num-threads: 1',
    '  do-ip6: no',
    '  do-not-query-localhost: no',
    '  root-hints: root.hints',
    ...lines,
    'remote-control:',
    '  control-enable: no',
  ].join('\n')}\n`
}
