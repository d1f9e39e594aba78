import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Master, startMaster } from '../cluster/master.ts'
import { mesosNsConfig } from '../servers/index.ts'
import type { Workspace } from '../workspace.ts'
import { questionLines, type Workload } from './workloads.ts'
import { readZoneFile, type ZoneRecords } from './zone-records.ts'

export const DOMAIN = 'mesos'

/** One zone: as a state for mesos-ns, as a file for the others, and as records for checking. */
export interface Dataset {
  readonly master: Master
  readonly zoneFile: string
  readonly records: ZoneRecords
  /** The file of a workload's questions for dnsperf. */
  questions(workload: Workload): string
}

/** Makes a zone of so many names; the simulated master answers at once. */
export async function makeDataset(
  { names, services }: { readonly names: number; readonly services: boolean },
  main: string,
  workspace: Workspace,
): Promise<Dataset> {
  const folder = workspace.folder(`zone-${names}`)
  const state = { kind: 'lean', names, services } as const
  const master = await startMaster(state, join(folder, 'state.json'))
  try {
    await master.flow('same')
    const zoneFile = renderZone(main, master, folder)
    const records = await readZoneFile(zoneFile)
    return {
      master,
      zoneFile,
      records,
      questions: (workload) => {
        const path = join(folder, workload.id)
        const lines = questionLines(workload.owners(records), workload.type, DOMAIN)
        writeFileSync(path, [...lines].join(''))
        return path
      },
    }
  } catch (error) {
    await master.stop()
    throw error
  }
}

/** The zone that mesos-ns makes of the state, for the others. */
function renderZone(main: string, { address, path }: Master, folder: string): string {
  const config = join(folder, 'render.json')
  writeFileSync(config, mesosNsConfig({ master: address, domain: DOMAIN, port: 0 }))
  const zoneFile = join(folder, 'zone')
  const out = openSync(zoneFile, 'w')
  const args = [main, 'render', '--config', config, '--state', path, '--format', 'zone']
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', out, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(out)
  if (status !== 0) throw new Error(`mesos-ns render failed: ${stderr}`)
  return zoneFile
}
