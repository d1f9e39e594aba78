export { type ClusterOptions, SimulatedCluster } from './cluster.ts'
export { describeChange } from './describe.ts'
export type { Fault, FaultScript } from './faults.ts'
export { Life, startLife } from './life.ts'
export {
  type MasterServer,
  type ServeMasterOptions,
  serveMaster,
  serveMasters,
} from './master-server.ts'
export type {
  ClusterChange,
  FrameworkSpec,
  SimulatedAgent,
  SimulatedFramework,
  SimulatedMaster,
  SimulatedTask,
  TaskSpec,
  TaskState,
} from './model.ts'
export { type App, type DemoScenario, demoScenario, largeCluster } from './scenarios.ts'
export { stateDocument } from './state-document.ts'
