import { Report } from '../report.ts'
import type { Task } from '../state/model.ts'
import type { EnumeratedRecord, EnumeratedTask, Enumeration } from './enumeration.ts'
import { generateRecords } from './generate.ts'
import type { RecordsInput } from './input.ts'
import { srvHostPort } from './srv.ts'

/**
 * The body of `/v1/enumerate`: for each framework its tasks that count, for each task the records that
 * came into being through it. Problems are not reported again.
 */
export function enumerate(input: RecordsInput): Enumeration {
  const frameworks: { tasks: EnumeratedTask[]; name: string }[] = []
  const entries = new Map<Task, { name: string; id: string; records: EnumeratedRecord[] | null }>()
  generateRecords(
    { ...input, report: new Report() },
    {
      framework({ name }) {
        frameworks.push({ tasks: [], name })
      },
      task(task) {
        const entry = { name: task.name, id: task.id, records: null }
        entries.set(task, entry)
        frameworks.at(-1)?.tasks.push(entry)
      },
      record(task, type, name, rdata) {
        if (type !== 'A' && type !== 'AAAA' && type !== 'SRV') return
        const entry = entries.get(task)
        if (entry === undefined) return
        entry.records ??= []
        entry.records.push({ name, host: type === 'SRV' ? srvHostPort(rdata) : rdata, rtype: type })
      },
    },
  )
  return { frameworks: frameworks.length === 0 ? null : frameworks }
}
