import type { Framework, Task } from '../state/model.ts'
import type { RecordType } from './record-set.ts'

/** Told which task caused which record while records are made. */
export interface TaskObserver {
  framework(framework: Framework): void
  /** A task that counts, of the framework named last. */
  task(task: Task): void
  /** A record that is new through this task; for spare records, after all tasks were named. */
  record(task: Task, type: RecordType, name: string, rdata: string): void
}
