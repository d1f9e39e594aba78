/** The configuration: where it comes from, what it may say, and what of it may be shown. */
export { ConfigError, type ConfigIssue, formatIssue } from './issue.ts'
export { type LoadOptions, loadConfig } from './load.ts'
export { type LoadedConfig, type ParseOptions, parseConfig } from './parse.ts'
export { publicConfig, redactZk } from './redact.ts'
export type { Config, StaticRecord } from './schema.ts'
export { parseZkUrl, type ZkUrl } from './zk-url.ts'
