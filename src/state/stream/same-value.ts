/**
 * Whether two values made of plain objects, lists and scalars say the same. Hundreds of thousands of
 * objects are compared at once, so nothing is made to compare them.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b)
  return !Array.isArray(b) && sameObject(a, b)
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false
  return true
}

function sameObject(a: object, b: object): boolean {
  const left = a as Readonly<Record<string, unknown>>
  const right = b as Readonly<Record<string, unknown>>
  let surplus = 0
  for (const key in left) {
    if (!sameValue(left[key], right[key])) return false
    surplus++
  }
  for (const _ in right) surplus--
  return surplus === 0
}
