import type { Config } from '../config/schema.ts'

/** The settings that say where the state comes from. */
export type MesosConfig = Pick<
  Config,
  | 'zk'
  | 'masters'
  | 'zkDetectionTimeout'
  | 'refreshSeconds'
  | 'stateTimeoutSeconds'
  | 'mesosHttpsOn'
  | 'caCertFile'
  | 'certFile'
  | 'keyFile'
  | 'mesosAuthentication'
  | 'mesosCredentials'
  | 'iamConfigFile'
>
