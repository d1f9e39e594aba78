import type { z } from 'zod'
import { adviseOn } from './advice.ts'
import type { Draft, Tell } from './draft.ts'
import { applyEnvironment } from './env.ts'
import { explain, unfold } from './explain.ts'
import { type FromFiles, type ReadFile, readFiles } from './files.ts'
import { ConfigError, type ConfigIssue, Fault } from './issue.ts'
import { JsonFault, lineAndColumn, readJson } from './json.ts'
import { type Reading, readKeys } from './keys.ts'
import { Origins } from './origins.ts'
import { resolveUpstreams } from './resolvers.ts'
import { checkRules } from './rules.ts'
import {
  type Config,
  fileSchema,
  type Settings,
  type StaticRecord,
  settingEntries,
} from './schema.ts'
import { staticRecordSchema } from './settings/records.ts'
import { resolveStaticRecords } from './static-records.ts'

export interface LoadedConfig {
  readonly config: Config
  /** What works, but probably not as meant; in the form that formatIssue prints. */
  readonly warnings: readonly ConfigIssue[]
}

export interface ParseOptions {
  /** Path of the file, for messages and for `Config.file`. */
  readonly file?: string
  /** Variables `MESOS_NS_…` override the file. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Opens the files that the configuration names. Without it they are neither read nor checked. */
  readonly read?: ReadFile
}

/**
 * Turns the text of a configuration file into a Config. Pure but for `read`. Throws a ConfigError that
 * has everything that is wrong at once.
 */
export function parseConfig(text: string, options: ParseOptions = {}): LoadedConfig {
  const { file = '', env = {}, read } = options
  const name = file === '' ? 'configuration' : file
  const issues: ConfigIssue[] = []
  const warnings: ConfigIssue[] = []
  const origins = new Origins(name)
  const where = (offset: number) => {
    const { line, column } = lineAndColumn(text, offset)
    return `${name}:${line}:${column}`
  }

  const reading = { origins, warnings, where }
  const values = readText(text, reading)
  const unreadable = new Set<string>()
  for (const { path, value, fault } of applyEnvironment(values, env, reading)) {
    const [key = ''] = path
    issues.push(origins.issue(path, value, fault))
    unreadable.add(key)
    Reflect.deleteProperty(values, key)
  }

  const draft = validateEach(values, unreadable, origins, issues)
  const tell: Tell = (path, fault) => issues.push(origins.issue(path, valueAt(values, path), fault))
  const advise: Tell = (path, fault) =>
    warnings.push(origins.issue(path, valueAt(values, path), fault))
  checkRules(draft, tell)
  adviseOn(draft, (key) => values[key] !== undefined, advise)
  const upstreams = resolveUpstreams(draft, tell)
  const staticRecords = staticRecordsOf(draft, values, tell)
  const fromFiles = read === undefined ? inline(draft) : readFiles(draft, read, tell)
  if (issues.length > 0) {
    throw new ConfigError(issues.sort(byPlace), { warnings: warnings.sort(byPlace) })
  }

  // Without issues no setting is missing from the draft.
  const settings = draft as Settings
  const mesosCredentials = {
    principal: settings.mesosCredentials.principal,
    secret: fromFiles.secret,
  }
  const config: Config = {
    ...settings,
    ...upstreams,
    zk: fromFiles.zk,
    mesosCredentials,
    cookieSecret: fromFiles.cookieSecret,
    staticRecords,
    file,
  }
  return { config, warnings }
}

/** The order of the lines in the file; what comes from the environment stands together. */
function byPlace(a: ConfigIssue, b: ConfigIssue): number {
  return a.where.localeCompare(b.where, 'en', { numeric: true })
}

/** The values of the file by canonical key. */
function readText(text: string, reading: Reading): Record<string, unknown> {
  const fail = (offset: number, fault: Fault): never => {
    const { message, fix } = fault
    throw new ConfigError([
      { where: reading.where(offset), path: '', value: undefined, message, fix },
    ])
  }
  if (text.trim() === '') {
    return fail(0, new Fault('is empty', 'write at least {"masters": ["10.0.0.1:5050"]}'))
  }
  try {
    const node = readJson(text)
    if (node.kind !== 'object') {
      return fail(node.offset, new Fault('is not a JSON object', 'put the settings in { … }'))
    }
    return readKeys(node, fileSchema, reading) as Record<string, unknown>
  } catch (error) {
    if (error instanceof JsonFault) return fail(error.offset, error)
    throw error
  }
}

/** Complaints are put into words by explain(); zod's own words can fail on odd objects. */
const UNWORDED = { error: () => '' }

/** Validates every setting by itself; those that are not valid are missing from the result. */
function validateEach(
  values: Readonly<Record<string, unknown>>,
  unreadable: ReadonlySet<string>,
  origins: Origins,
  issues: ConfigIssue[],
): Draft {
  const draft: Record<string, unknown> = {}
  for (const [field, setting] of settingEntries) {
    if (unreadable.has(setting.key)) continue
    const result = setting.schema.safeParse(values[setting.key], UNWORDED)
    if (result.success) {
      draft[field] = result.data
      continue
    }
    for (const issue of result.error.issues.flatMap(unfold)) {
      if (isBeyondSafe(issue)) continue
      const path = [setting.key, ...issue.path]
      const value = valueAt(values, path)
      issues.push(
        origins.issue(path, value, explain(issue, value, setting, origins.find(path).path)),
      )
    }
  }
  return draft
}

/** Zod's own limit of integers, beyond that of every setting, which is complained of as well. */
function isBeyondSafe(issue: z.core.$ZodIssue): boolean {
  return (
    (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) ||
    (issue.code === 'too_small' && issue.minimum === Number.MIN_SAFE_INTEGER)
  )
}

/** Looks at the names of all entries that are valid by themselves, even if there are others. */
function staticRecordsOf(draft: Draft, values: unknown, tell: Tell): readonly StaticRecord[] {
  const { domain, srvRecordDefaultWeight: weight } = draft
  if (domain === undefined || weight === undefined) return []
  const given = valueAt(values, ['staticRecords'])
  const entries = (Array.isArray(given) ? given : []).map(
    (entry: unknown) => staticRecordSchema.safeParse(entry, UNWORDED).data,
  )
  const { records, faults } = resolveStaticRecords(entries, { domain, weight })
  for (const { index, member, fault } of faults) tell(['staticRecords', index, member], fault)
  return records
}

function inline({ zk = '', mesosCredentials, cookieSecret = '' }: Draft): FromFiles {
  return { zk, secret: mesosCredentials?.secret ?? '', cookieSecret }
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    values,
  )
}
