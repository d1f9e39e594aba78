import type { z } from 'zod'
import { Fault } from './issue.ts'
import type { Setting } from './setting.ts'
import { suggest } from './suggest.ts'

/** The example of a setting need not have every member that its value may have. */
function howToAdd(setting: Setting, spelled: string): string {
  return spelled.includes('.')
    ? `add it, as docs/configuration.md shows for ${setting.key}`
    : `add it, for example ${exampleOf(setting)}`
}

/**
 * The complaints of the only form of a union that a value can have been meant as: of a list about what is
 * in it, of a number about its size. Without one such form the complaint is about the union itself.
 */
export function unfold(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.filter((issues) => !issues.some(isOfAnotherKind))
  if (meant.length !== 1) return [issue]
  return (meant[0] ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isOfAnotherKind({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
}

/** Puts a complaint of the schema into words: what is wrong with the value, and what to write. */
export function explain(
  issue: z.core.$ZodIssue,
  value: unknown,
  setting: Setting,
  spelled: string,
): Fault {
  switch (issue.code) {
    case 'custom':
      return new Fault(issue.message, String(issue.params?.['fix']))
    case 'invalid_type':
      return value === undefined
        ? new Fault('is missing', howToAdd(setting, spelled))
        : new Fault(`must be ${noun(issue.expected)}, not ${nounOf(value)}`, howTo(issue, setting))
    case 'too_small':
      if (issue.origin === 'array') return new Fault('is empty', `write ${exampleOf(setting)}`)
      return new Fault(
        `must be at least ${issue.minimum}`,
        `use a whole number, ${issue.minimum} or more${byDefault(setting)}`,
      )
    case 'too_big':
      return new Fault(
        `must be at most ${issue.maximum}`,
        `use a whole number, ${issue.maximum} or less${byDefault(setting)}`,
      )
    case 'invalid_value':
      return choice(issue.values, value, setting)
    case 'invalid_union':
      // One of several kinds of objects has no errors of its own: its type does not say which.
      if (issue.errors.length > 0) {
        const wanted = issue.errors.flat().map(expectedBy).join(' or ')
        return new Fault(`must be ${wanted}, not ${nounOf(value)}`, `write ${exampleOf(setting)}`)
      }
      return new Fault(
        'is no type of record',
        `use A, AAAA, SRV, CNAME or TXT: ${exampleOf(setting)}`,
      )
    default:
      return new Fault('is not valid', `write ${exampleOf(setting)} (${spelled})`)
  }
}

function choice(choices: readonly unknown[], value: unknown, setting: Setting): Fault {
  const words = choices.map(String)
  const meant = typeof value === 'string' ? suggest(value, words) : undefined
  const list = choices.map((word) => JSON.stringify(word)).join(', ')
  return new Fault(
    `must be one of ${list}`,
    meant ? `write ${JSON.stringify(meant)}` : `choose one of them${byDefault(setting)}`,
  )
}

function howTo({ expected }: { expected: string }, setting: Setting): string {
  if (expected === 'boolean') return 'write true or false without quotes'
  if (expected === 'int' || expected === 'number') {
    return `write digits without quotes${byDefault(setting)}`
  }
  if (expected === 'string') return 'put it in double quotes'
  return `write it like ${exampleOf(setting)}`
}

function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return noun(issue.expected)
  return issue.code === 'invalid_value'
    ? issue.values.map((word) => JSON.stringify(word)).join(' or ')
    : 'another'
}

function noun(expected: string): string {
  const nouns: Readonly<Record<string, string>> = {
    int: 'a whole number',
    number: 'a whole number',
    boolean: 'true or false',
    string: 'a string',
    array: 'a list',
  }
  return nouns[expected] ?? 'an object'
}

function nounOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction'
  if (typeof value === 'boolean') return String(value)
  return 'a string'
}

function exampleOf({ key, example }: Setting): string {
  return `"${key}": ${JSON.stringify(example)}`
}

function byDefault(setting: Setting): string {
  return typeof setting.default === 'object' ? '' : ` (default ${JSON.stringify(setting.default)})`
}
