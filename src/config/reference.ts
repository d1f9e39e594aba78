/** What is published about the settings: config.schema.json and the tables of docs/configuration.md. */
import { z } from 'zod'
import { VARIABLES } from './env.ts'
import { APPLYING, type Step } from './reload/applying.ts'
import { fileSchema, groups, settingEntries } from './schema.ts'
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

/** What each step of a reload is to those who wait for it. */
const STEPS: Readonly<Record<Step, string>> = {
  source:
    'Masters and ZooKeeper are connected to anew, and the state is fetched; what is known stays, and is answered meanwhile.',
  guard: 'What is missing is judged by it from the next state or event on.',
  zone: 'The zone is made anew from the last state and switched to as a whole; its serial moves if a record has changed.',
  answers: 'Queries are answered by it from the next one on.',
  sockets:
    'Other threads take over the sockets, or open new ones where the address is new, and answer before the old ones end. Without koffi it **needs a restart**.',
  freshness: 'The age of the state is judged by it at once.',
  http: 'REST is switched on or off, or listens at the new address before it leaves the old one.',
  control: 'In effect at once.',
}

/** The table of what a reload does about a changed setting: settings that take the same steps in one row. */
export function applyingTable(): string {
  const rows = new Map<string, string[]>()
  for (const [field, { key }] of settingEntries) {
    const effect = APPLYING[field].map((step) => STEPS[step]).join(' ')
    rows.set(effect, [...(rows.get(effect) ?? []), `\`${key}\``])
  }
  const cells = Array.from(rows, ([effect, keys]) => [keys.join(', '), effect])
  return table([['Keys', 'When they have changed'], ['---', '---'], ...cells])
}

/**
 * Puts the tables between their markers, `<!-- settings: soa -->`, `<!-- variables -->` or `<!-- reload -->` and
 * `<!-- end -->`.
 */
export function fillTables(markdown: string): string {
  return markdown.replace(
    /(<!-- (settings: (\w+)|variables|reload) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, kind: string, group: string | undefined, end: string) =>
      `${start}${tableOf(kind, group)}\n${end}`,
  )
}

function tableOf(kind: string, group: string | undefined): string {
  if (group !== undefined) return settingsTable(groupNamed(group))
  return kind === 'reload' ? applyingTable() : variablesTable()
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
