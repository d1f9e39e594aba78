export type Path = readonly (string | number)[]

/** Every place in a document, the document itself included. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))
  return [path, ...inner]
}

/** The document with another value in a place. */
export function replaceAt(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.with(Number(key), replaceAt(value[Number(key)], rest, by))
  const object = value as Record<string, unknown>
  return { ...object, [key]: replaceAt(object[key], rest, by) }
}
