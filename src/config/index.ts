/** The configuration: where it comes from, what it may say, and what of it may be shown. */

export { ConfigError, type ConfigIssue, formatIssue } from './issue.ts'
export { type LoadOptions, loadConfig } from './load.ts'
export { type LoadedConfig, type ParseOptions, parseConfig } from './parse.ts'
export { publicConfig, redactZk } from './redact.ts'
export { type FieldsOf, fieldsThatTake, namedFiles, type Step, takes } from './reload/applying.ts'
export { type ConfigState, changedFields, withFields } from './reload/changes.ts'
export { type ConfigSource, configSource, fixedSource } from './reload/source.ts'
export { FileWatch } from './reload/watch.ts'
export { type Config, type Field, type StaticRecord, settings } from './schema.ts'
export { secondsUntilStale } from './staleness.ts'
export { parseZkUrl, type ZkUrl } from './zk-url.ts'
