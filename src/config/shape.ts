import { z } from 'zod'

/** What a schema takes, as far as reading a file or an environment variable has to know. */
export type Shape =
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, z.ZodType> }
  | { readonly kind: 'map'; readonly value: z.ZodType }
  | { readonly kind: 'list'; readonly entry: z.ZodType }
  /** Any of these; one is enough to say how a text is read. */
  | { readonly kind: 'choice'; readonly forms: readonly z.ZodType[] }
  | { readonly kind: 'number' | 'boolean' | 'string' }

/** Looks through defaults and conversions at what stands behind them. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return shapeOf(schema.def.innerType)
  }
  if (schema instanceof z.ZodPipe) return shapeOf(schema.def.in)
  if (schema instanceof z.ZodObject) return { kind: 'object', members: membersOf([schema]) }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return { kind: 'object', members: membersOf(schema.def.options) }
  }
  if (schema instanceof z.ZodUnion) {
    return { kind: 'choice', forms: schema.def.options as readonly z.ZodType[] }
  }
  if (schema instanceof z.ZodRecord)
    return { kind: 'map', value: schema.def.valueType as z.ZodType }
  if (schema instanceof z.ZodArray) return { kind: 'list', entry: schema.def.element as z.ZodType }
  if (schema instanceof z.ZodNumber) return { kind: 'number' }
  if (schema instanceof z.ZodBoolean) return { kind: 'boolean' }
  return { kind: 'string' }
}

function membersOf(objects: readonly z.core.$ZodType[]): Map<string, z.ZodType> {
  return new Map(
    objects.flatMap((object) =>
      object instanceof z.ZodObject
        ? (Object.entries(object.def.shape) as [string, z.ZodType][])
        : [],
    ),
  )
}
