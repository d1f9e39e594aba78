/**
 * `frameworks[].tasks[].id: string`, for every value in a document and its type; all lists of tasks have entries of
 * one kind.
 */
export function keyPaths(value: unknown, at = ''): Set<string> {
  const path = at.replace(/(unreachable|completed)_(tasks|frameworks)\[\]$/, '$2[]')
  if (Array.isArray(value)) {
    return new Set(value.flatMap((item) => [...keyPaths(item, `${path}[]`)]))
  }
  if (typeof value !== 'object' || value === null) return new Set([`${path}: ${typeof value}`])
  // Attributes have keys of the operator's own.
  if (path.endsWith('.attributes')) return new Set()
  return new Set(
    Object.entries(value).flatMap(([key, part]) => [
      ...keyPaths(part, path === '' ? key : `${path}.${key}`),
    ]),
  )
}
