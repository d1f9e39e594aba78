import { type ConfigIssue, type Fault, maskValue } from './issue.ts'

/** Where a value came from, in its author's words. */
export interface Origin {
  /** The path as spelled there: `Resolvers[1]`, or the name of an environment variable. */
  readonly path: string
  /** `file:line:column`, or `environment`. */
  readonly where: string
}

/** Remembers for each value, by its path in canonical spelling, where it came from. */
export class Origins {
  readonly #file: string
  readonly #known = new Map<string, Origin>()

  /** `file` stands in for the place of whatever is written nowhere. */
  constructor(file: string) {
    this.#file = file
  }

  set(path: readonly PropertyKey[], origin: Origin): void {
    this.#known.set(id(path), origin)
  }

  /** Forgets what is inside a value: another one takes its place. */
  forgetInside(path: readonly PropertyKey[]): void {
    const inside = `${id(path).slice(0, -1)},`
    for (const known of this.#known.keys()) {
      if (known.startsWith(inside)) this.#known.delete(known)
    }
  }

  /** The origin of a value; of one that is missing, the place where it belongs. */
  find(path: readonly PropertyKey[]): Origin {
    const known = this.#known.get(id(path))
    if (known !== undefined) return known
    const last = path.at(-1)
    if (last === undefined) return { path: '', where: this.#file }
    const parent = this.find(path.slice(0, -1))
    return { path: spell(parent.path, last), where: parent.where }
  }

  issue(path: readonly PropertyKey[], value: unknown, fault: Fault): ConfigIssue {
    const origin = this.find(path)
    const { message, fix } = fault
    return { ...origin, value: maskValue(spellAll(path), value), message, fix }
  }
}

/** A path with one more step, as people write it: `a.b`, `a[0]`, `zoneResolvers["a.com"]`. */
export function spell(parent: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${parent}[${key}]`
  const name = String(key)
  if (!/^[\w$-]+$/.test(name)) return `${parent}[${JSON.stringify(name)}]`
  return parent === '' ? name : `${parent}.${name}`
}

function spellAll(path: readonly PropertyKey[]): string {
  return path.reduce<string>(spell, '')
}

function id(path: readonly PropertyKey[]): string {
  return JSON.stringify(path)
}
