/** Where the cluster's state comes from. */
export type { MesosConfig } from './config.ts'
export { createDetector, type MasterDetector } from './detect/index.ts'
export { AuthError, StateFetchError } from './errors.ts'
export {
  createStateSource,
  type StateSource,
  type StateSourceOptions,
} from './state-source.ts'
