export {
  createCounters,
  type DropReason,
  type Family,
  type SendFailure,
  type Transport,
} from './slots.ts'
export { type CountersSnapshot, type Counts, keepCounters, readCounters } from './snapshot.ts'
export { ThreadCounters } from './thread-counters.ts'
