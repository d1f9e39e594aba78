/** Whether memory that changes leave behind is used again: what is resident after each of many full changes. */

import { join } from 'node:path'
import { freePort } from '../test/programs.ts'
import { startMaster } from './cluster/master.ts'
import { serialOf, untilSerialChanges } from './dns-client.ts'
import { memoryOf } from './process-cpu.ts'
import { untilQuiet } from './quiet.ts'
import type { ChurnFigures } from './results.ts'
import { startMesosNs } from './servers/index.ts'
import type { Workspace } from './workspace.ts'

const DOMAIN = 'mesos'

/** Replaces every task of a cluster so many times, and notes the resident memory after each change. */
export async function measureChurn(
  { tasks, changes }: { readonly tasks: number; readonly changes: number },
  main: string,
  workspace: Workspace,
): Promise<ChurnFigures> {
  const master = await startMaster(
    { kind: 'full', tasks },
    join(workspace.folder('churn'), 'state.json'),
  )
  try {
    const port = await freePort()
    const settings = { master: master.address, domain: DOMAIN, port, refreshSeconds: 1 }
    const asked = async () => {
      await master.requested()
      return true
    }
    const context = { folder: workspace.folder('mesos-ns'), main }
    const server = await startMesosNs(context, settings, asked)
    try {
      const residentOctets: number[] = []
      for (let change = 0; change <= changes; change++) {
        if (change > 0) await master.replace('all')
        await master.requested()
        const before = change === 0 ? undefined : await serialOf(port, DOMAIN)
        await master.release()
        await untilSerialChanges(port, DOMAIN, before)
        await master.requested()
        await untilQuiet(server.pid)
        residentOctets.push(memoryOf(server.pid).resident)
      }
      console.log(
        `\n${tasks} tasks, all replaced ${changes} times: resident ${residentOctets.map((octets) => Math.round(octets / 1e6)).join(' ')} MB`,
      )
      return { tasks, residentOctets }
    } finally {
      await server.stop()
    }
  } finally {
    await master.stop()
  }
}
