import type { Fault } from './issue.ts'
import type { Settings } from './schema.ts'

/** The settings that are valid by themselves; the others are undefined. */
export type Draft = { readonly [F in keyof Settings]?: Settings[F] | undefined }

/** Takes a fault at a path in canonical spelling. */
export type Tell = (path: readonly PropertyKey[], fault: Fault) => void
