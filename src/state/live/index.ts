export type { Adoption, Applied } from './adoption.ts'
export { ClusterStore, type ClusterStoreOptions } from './cluster-store.ts'
export type { LiveSettings } from './live-settings.ts'
export type { PollWindow } from './poll-window.ts'
