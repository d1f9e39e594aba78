import { createHash } from 'node:crypto'
import type { ReadFile } from '../files.ts'

/** What files held: a digest of each by its path, undefined where a file could not be read. */
export type FilesRead = ReadonlyMap<string, string | undefined>

/** A way to read files that remembers what they held. */
export function rememberingReads(read: ReadFile): { read: ReadFile; files: FilesRead } {
  const files = new Map<string, string | undefined>()
  return {
    files,
    read(path) {
      files.set(path, undefined)
      const text = read(path)
      files.set(path, createHash('sha256').update(text).digest('base64'))
      return text
    },
  }
}

/** What the same files hold now. */
export function readAgain(paths: Iterable<string>, read: ReadFile): FilesRead {
  const now = rememberingReads(read)
  for (const path of paths) {
    try {
      now.read(path)
    } catch {
      // Remembered as unreadable; whoever loads the configuration says why.
    }
  }
  return now.files
}

export function isSameContent(one: FilesRead, other: FilesRead): boolean {
  return one.size === other.size && [...one].every(([path, digest]) => other.get(path) === digest)
}
