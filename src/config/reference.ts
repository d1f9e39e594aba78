/** What is published about the settings: config.schema.json and the tables of docs/configuration.md. */
import { z } from 'zod'
import { VARIABLES } from './env.ts'
import { fileSchema, groups } from './schema.ts'
import type { Setting } from './setting.ts'
import { shapeOf } from './shape.ts'

/** config.schema.json: for editors, so with one spelling of each key, although any letter case works. */
export function jsonSchema(): Record<string, unknown> {
  const { $schema, properties, ...rest } = z.toJSONSchema(fileSchema, { io: 'input' })
  return {
    $schema,
    title: 'Configuration of mesos-ns',
    ...rest,
    properties: {
      $schema: { type: 'string', description: 'For editors; has no effect.' },
      ...properties,
    },
  }
}

/** The table of one group of settings, in Markdown. */
export function settingsTable(group: keyof typeof groups): string {
  const rows = Object.values<Setting>(groups[group]).map((setting) => [
    `\`${setting.key}\``,
    typeOf(setting.schema),
    `\`${JSON.stringify(setting.default)}\``,
    describe(setting),
  ])
  return table([['Key', 'Type', 'Default', 'Meaning'], ['---', '---', '---', '---'], ...rows])
}

/** The table of the variables that override settings. */
export function variablesTable(): string {
  const rows = VARIABLES.map(({ name, path }) => [`\`${name}\``, `\`${path.join('.')}\``])
  return table([['Variable', 'Setting'], ['---', '---'], ...rows])
}

/**
 * Puts the tables between their markers, `<!-- settings: soa -->` or `<!-- variables -->` and
 * `<!-- end -->`.
 */
export function fillTables(markdown: string): string {
  return markdown.replace(
    /(<!-- (settings|variables)(?:: (\w+))? -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, kind: string, group: string, end: string) => {
      const filled = kind === 'variables' ? variablesTable() : settingsTable(groupNamed(group))
      return `${start}${filled}\n${end}`
    },
  )
}

function groupNamed(name: string): keyof typeof groups {
  if (Object.hasOwn(groups, name)) return name as keyof typeof groups
  throw new RangeError(`there is no group of settings named ${name}`)
}

function describe({ schema }: Setting): string {
  return (schema.description ?? '').replaceAll('|', '\\|')
}

function typeOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodLiteral) return `\`${JSON.stringify(schema.value)}\``
  const shape = shapeOf(schema)
  switch (shape.kind) {
    case 'list':
      return `list of ${typeOf(shape.entry)}s`
    case 'map':
      return `object: ${typeOf(shape.value)} by name`
    case 'choice':
      return shape.forms.map(typeOf).join(' or ')
    case 'number':
      return 'integer'
    default:
      return shape.kind
  }
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
