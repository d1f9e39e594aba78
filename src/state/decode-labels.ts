import type { Label } from './model.ts'
import { describe, isObject, NONE, type Place, readList, readText } from './narrow.ts'

/** Labels as `/state` lists them, `[{key, value}]`, or as v1 wraps them, `{"labels": […]}`. */
export function decodeLabels(value: unknown, place: Place): readonly Label[] {
  if (value === undefined) return NONE
  const list = readList(isObject(value) ? value.labels : value, place)
  if (list.length === 0) return NONE
  const labels: Label[] = []
  for (const item of list) {
    const key = isObject(item) ? readText(item.key) : undefined
    const text = isObject(item) ? readText(item.value) : undefined
    if (key === undefined || text === undefined) {
      place.report.add(place.kind, place.object, `label is ${describe(item)}; left out`)
    } else {
      labels.push({ key, value: text })
    }
  }
  return labels
}
