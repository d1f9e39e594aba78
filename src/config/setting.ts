import { z } from 'zod'
import { Fault } from './issue.ts'

/** One key of the configuration file and everything that is known of it. */
export interface Setting<S extends z.ZodType = z.ZodType> {
  /** As people spell it in files (any letter case is accepted). */
  readonly key: string
  /** As `GET /v1/config` spells it. */
  readonly publicName: string
  /** Validates the value in the file, fills in the default and normalises. */
  readonly schema: S
  /** The default as one would write it in a file. */
  readonly default: unknown
  /** A value to show when somebody wrote something else. */
  readonly example: unknown
}

interface SettingOptions<S extends z.ZodType> {
  readonly key: string
  /** Default: the key with a capital first letter. */
  readonly publicName?: string
  readonly schema: S
  readonly default: z.input<S>
  /** Default: the default. */
  readonly example?: z.input<S>
  readonly doc: string
}

export function setting<S extends z.ZodType>(
  options: SettingOptions<S>,
): Setting<z.ZodPrefault<S>> {
  const { key, schema, doc } = options
  return {
    key,
    publicName: options.publicName ?? key.slice(0, 1).toUpperCase() + key.slice(1),
    // prefault, not default: the default takes the same way through transforms as a value in a file.
    schema: schema.prefault(options.default as never).describe(doc),
    default: options.default,
    example: options.example ?? options.default,
  }
}

/** A schema followed by a conversion that may find a fault in the value. */
export function converted<S extends z.ZodType, O>(
  schema: S,
  convert: (value: z.output<S>) => O | Fault,
) {
  return schema.transform((value, context): O => {
    const result = convert(value)
    if (!(result instanceof Fault)) return result
    addFault(context, [], result)
    return z.NEVER
  })
}

/** Reports the entries of a list that say the same as an earlier one. */
export function distinct<T>(what: string, identity: (entry: T) => string = String) {
  return (list: readonly T[], context: z.RefinementCtx<readonly T[]>): void => {
    const seen = new Set<string>()
    for (const [i, entry] of list.entries()) {
      const id = identity(entry)
      if (seen.has(id))
        addFault(context, [i], new Fault(`the same ${what} is given twice`, 'remove one'))
      seen.add(id)
    }
  }
}

function addFault(context: z.RefinementCtx, path: PropertyKey[], { message, fix }: Fault): void {
  context.addIssue({ code: 'custom', path, message, params: { fix } })
}

/** The longest time a timer of Node.js can wait: 2³¹−1 milliseconds, almost 25 days. */
const LONGEST_TIMER = 2_147_483

export const integer = (least: number, most: number) => z.int().min(least).max(most)
/** A time span that ends up in a timer. */
export const seconds = (least: number) => integer(least, LONGEST_TIMER)
/** RFC 2181 §8: a TTL has 31 bits. */
export const ttlSeconds = integer(0, 2 ** 31 - 1)
export const uint32 = integer(0, 2 ** 32 - 1)
export const uint16 = integer(0, 2 ** 16 - 1)
