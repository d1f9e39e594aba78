export type { ChangeListener, ChangeMoment, ClusterChange } from './change.ts'
export { type ClusterOptions, SimulatedCluster } from './cluster.ts'
export { describeChange } from './describe.ts'
export type { EventStreams } from './event-streams.ts'
export type { FaultScript } from './fault-script.ts'
export type { Fault } from './faults.ts'
export { Life, startLife } from './life.ts'
export {
  type MasterServer,
  type ServeMasterOptions,
  serveMaster,
  serveMasters,
} from './master-server.ts'
export type {
  FrameworkSpec,
  SimulatedAgent,
  SimulatedFramework,
  SimulatedMaster,
  SimulatedTask,
  TaskSpec,
  TaskState,
} from './model.ts'
export { recoverSlowly } from './recovery.ts'
export { type App, type DemoScenario, demoScenario, largeCluster } from './scenarios.ts'
export { stateDocument, truthDocument } from './state-document.ts'
export type { StreamFault } from './stream-faults.ts'
export type { Lie } from './testimony.ts'
