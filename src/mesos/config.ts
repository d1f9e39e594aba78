import type { Config } from '../config/schema.ts'

/** The settings that say where the state comes from, and how it is followed. */
export type MesosConfig = Pick<
  Config,
  | 'zk'
  | 'masters'
  | 'zkDetectionTimeout'
  | 'zkStrict'
  | 'zkTls'
  | 'updates'
  | 'refreshSeconds'
  | 'auditSeconds'
  | 'failoverHoldSeconds'
  | 'stateTimeoutSeconds'
  | 'mesosHttpsOn'
  | 'caCertFile'
  | 'certFile'
  | 'keyFile'
  | 'mesosAuthentication'
  | 'mesosCredentials'
  | 'iamConfigFile'
>
