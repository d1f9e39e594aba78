import type { z } from 'zod'
import { Fault } from './issue.ts'
import { JsonFault, readJson } from './json.ts'
import { type Reading, readKeys } from './keys.ts'
import { settingEntries } from './schema.ts'
import { shapeOf } from './shape.ts'
import { suggest } from './suggest.ts'

const PREFIX = 'MESOS_NS_'
const ENVIRONMENT = 'environment'

/** Variables that the command line reads; none of them is a setting. */
const CLI_VARIABLES = ['MESOS_NS_CONFIG', 'MESOS_NS_LOG_LEVEL']

/** An environment variable and the value in the file that it replaces. */
export interface Variable {
  /** `MESOS_NS_REFRESH_SECONDS`, `MESOS_NS_MESOS_CREDENTIALS_SECRET_FILE`. */
  readonly name: string
  /** Canonical path in the file. */
  readonly path: readonly string[]
  readonly schema: z.ZodType
}

/** Every variable: one for each setting, and one for each member of a setting that is an object. */
export const VARIABLES: readonly Variable[] = settingEntries.flatMap(([field, { key, schema }]) => {
  const name = PREFIX + snake(field)
  const shape = shapeOf(schema)
  const members = shape.kind === 'object' ? [...shape.members] : []
  return [
    { name, path: [key], schema },
    ...members.map(([member, inner]) => ({
      name: `${name}_${snake(member)}`,
      path: [key, member],
      schema: inner,
    })),
  ]
})

/** A variable that cannot be understood. */
export interface VariableFault {
  readonly path: readonly string[]
  readonly value: string
  readonly fault: Fault
}

/**
 * Puts the values of `MESOS_NS_…` variables over those of the file, in `file` itself. Lists are JSON or
 * separated by commas, maps and objects are JSON. Case and underscores after the prefix do not count.
 */
export function applyEnvironment(
  file: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
  reading: Reading,
): VariableFault[] {
  const byFolded = new Map(VARIABLES.map((variable) => [fold(variable.name), variable]))
  const faults: VariableFault[] = []
  const given = Object.entries(env).filter(([name]) => name.startsWith(PREFIX))
  // Shorter paths first: a member overrides the object it belongs to, whatever order they come in.
  const known = given
    .flatMap(([name, text]) => {
      const variable = byFolded.get(fold(name))
      if (variable === undefined && text !== undefined) warnUnknown(name, reading)
      return variable === undefined || text === undefined ? [] : [{ name, text, variable }]
    })
    .sort((a, b) => a.variable.path.length - b.variable.path.length)

  for (const forms of SECRET_FORMS) {
    if (!known.some(({ variable }) => forms.includes(variable.path.join('.')))) continue
    for (const form of forms) drop(file, form.split('.'))
  }
  for (const { name, text, variable } of known) {
    reading.origins.forgetInside(variable.path)
    reading.origins.set(variable.path, { path: name, where: ENVIRONMENT })
    const value = readVariable(name, text, variable, reading)
    if (value instanceof Fault) faults.push({ path: variable.path, value: text, fault: value })
    else place(file, variable.path, value)
  }
  return faults
}

/** Whether the environment has any setting. */
export function hasSettings(env: Readonly<Record<string, string | undefined>>): boolean {
  const known = new Set(VARIABLES.map(({ name }) => fold(name)))
  return Object.entries(env).some(
    ([name, text]) => name.startsWith(PREFIX) && text !== undefined && known.has(fold(name)),
  )
}

function readVariable(
  name: string,
  text: string,
  { path, schema }: Variable,
  reading: Reading,
): unknown {
  const shape = shapeOf(schema)
  switch (shape.kind) {
    case 'string':
      return text
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text
    case 'boolean':
      return BOOLEANS[text.trim().toLowerCase()] ?? text
    case 'choice':
      return readChoice(shape.forms)
    case 'list':
      return text.trim().startsWith('[') ? json() : commaSeparated(text)
    default:
      return json()
  }

  /** One of several only needs the form of a list if there are several. */
  function readChoice(forms: readonly z.ZodType[]): unknown {
    const form = forms.find((one) => {
      const { kind } = shapeOf(one)
      return kind === 'list' ? /^\s*\[|,/.test(text) : kind !== 'string'
    })
    return form === undefined
      ? text
      : readVariable(name, text, { name, path, schema: form }, reading)
  }

  function json(): unknown {
    try {
      const inner = { ...reading, where: () => ENVIRONMENT }
      return readKeys(readJson(text), schema, inner, { path, spelled: name })
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      return new Fault(
        `is not valid JSON: at character ${error.offset + 1}, ${error.message}`,
        error.fix,
      )
    }
  }
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
}

function commaSeparated(text: string): string[] {
  return text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim())
}

function place(file: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', member] = path
  if (member === undefined) {
    file[key] = value
    return
  }
  const object = typeof file[key] === 'object' && file[key] !== null ? file[key] : {}
  file[key] = { ...object, [member]: value }
}

/** Two forms of one thing: what the environment says in either replaces both in the file. */
const SECRET_FORMS: readonly (readonly string[])[] = [
  ['mesosCredentials.secret', 'mesosCredentials.secretFile'],
  ['cookieSecret', 'cookieSecretFile'],
]

/** Takes the value at a path out of the file. */
function drop(file: Record<string, unknown>, [key = '', member]: readonly string[]): void {
  const value = file[key]
  if (member === undefined) {
    Reflect.deleteProperty(file, key)
  } else if (typeof value === 'object' && value !== null) {
    file[key] = Object.fromEntries(Object.entries(value).filter(([name]) => name !== member))
  }
}

function warnUnknown(name: string, { warnings }: Reading): void {
  if (CLI_VARIABLES.includes(name)) return
  const meant = suggest(
    name.slice(PREFIX.length),
    VARIABLES.map((variable) => variable.name.slice(PREFIX.length)),
  )
  warnings.push({
    where: ENVIRONMENT,
    path: name,
    value: undefined,
    message: 'is not a known variable and is ignored',
    fix: meant === undefined ? 'unset it' : `did you mean ${PREFIX}${meant}?`,
  })
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll('_', '')
}
