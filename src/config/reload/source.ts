import { type LoadOptions, loadConfig, readText } from '../load.ts'
import type { LoadedConfig } from '../parse.ts'
import type { Config } from '../schema.ts'
import { type FilesRead, readAgain, rememberingReads } from './files-read.ts'

/** A configuration that can be read again. */
export interface ConfigSource {
  /** Reads and validates it. Throws a ConfigError with all that is wrong. */
  load(): LoadedConfig
  /** What the files held when load() read them last, whether or not they were valid. */
  readonly files: FilesRead
  /** What these files hold now. */
  look(): FilesRead
}

/** The configuration in a file, with what the environment and other files add to it: see loadConfig. */
export function configSource(options: LoadOptions): ConfigSource {
  const { read = readText } = options
  let files: FilesRead = new Map()
  return {
    load() {
      const remembering = rememberingReads(read)
      // Filled in as files are read, so that it is there, too, if one of them is not valid.
      files = remembering.files
      return loadConfig({ ...options, read: remembering.read })
    },
    get files() {
      return files
    },
    look: () => readAgain(files.keys(), read),
  }
}

/** A configuration that is from nowhere, and stays as it is. */
export function fixedSource(config: Config): ConfigSource {
  const files = new Map()
  return { load: () => ({ config, warnings: [] }), files, look: () => files }
}
