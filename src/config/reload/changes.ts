import { isDeepStrictEqual } from 'node:util'
import { type Config, type Field, settingEntries } from '../schema.ts'
import { namedFiles } from './applying.ts'
import type { FilesRead } from './files-read.ts'

/** A configuration, and what the files held that it was made from. */
export interface ConfigState {
  readonly config: Config
  readonly files: FilesRead
}

/** Settings that have another value than before, or name a file that holds something else. */
export function changedFields(before: ConfigState, after: ConfigState): readonly Field[] {
  return settingEntries
    .map(([field]) => field)
    .filter(
      (field) =>
        !isDeepStrictEqual(before.config[field], after.config[field]) ||
        namedFiles(field, after.config).some(
          (path) => before.files.get(path) !== after.files.get(path),
        ),
    )
}

/** A configuration with some settings as they are in another one. */
export function withFields(config: Config, fields: readonly Field[], from: Config): Config {
  return { ...config, ...Object.fromEntries(fields.map((field) => [field, from[field]])) }
}
