/**
 * The configuration, described once: validation, defaults, the type, config.schema.json, the tables of
 * docs/configuration.md, the environment variables and `GET /v1/config` all come from `groups`.
 */
import { z } from 'zod'
import type { Setting } from './setting.ts'
import { authentication } from './settings/authentication.ts'
import { compat } from './settings/compat.ts'
import { dns } from './settings/dns.ts'
import { following } from './settings/following.ts'
import { forward } from './settings/forward.ts'
import { http } from './settings/http.ts'
import { masters } from './settings/masters.ts'
import { records } from './settings/records.ts'
import { reload } from './settings/reload.ts'
import { soa } from './settings/soa.ts'

/** Settings by topic, in the order in which the documentation explains them. */
export const groups = {
  masters,
  authentication,
  following,
  dns,
  soa,
  records,
  forward,
  http,
  reload,
  compat,
}

const all = {
  ...masters,
  ...authentication,
  ...following,
  ...dns,
  ...soa,
  ...records,
  ...forward,
  ...http,
  ...reload,
  ...compat,
}

/** Name of a setting in `Config`. */
export type Field = keyof typeof all

/** Each setting by its name in `Config`. */
export const settings: { readonly [F in Field]: Setting } = all

/** All settings with their names in `Config`. */
export const settingEntries = Object.entries(settings) as readonly (readonly [Field, Setting])[]

/** The whole file; its keys are spelled as in `Setting.key`. */
export const fileSchema = z.object(
  Object.fromEntries(settingEntries.map(([, { key, schema }]) => [key, schema])),
)

type Frozen<T> = T extends readonly (infer Entry)[]
  ? readonly Frozen<Entry>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

/** Every setting validated by itself and normalised, before the rules that join several of them. */
export type Settings = { readonly [F in Field]: Frozen<z.output<(typeof all)[F]['schema']>> }

/**
 * Every setting, validated, with defaults filled in. Durations are in seconds. What each one means is
 * said where it is declared, in settings/; the forms that differ from the file's are:
 * - `listener`: a list also where there is one, canonical, without duplicates; `0.0.0.0` is alone in it;
 * - `masters`: `host:port`, IPv6 in brackets; hosts may be names;
 * - `domain`: lower case, no trailing dot; `soaMname`, `soaRname`: one trailing dot, `@` turned into `.`;
 * - `resolvers`, `zoneResolvers`: normalised `ip:port`, IPv6 in brackets, zones in lower case; no
 *   `resolvers` at all means those of the host's resolv.conf;
 * - `allowRecursion`: CIDR;
 * - `cookieSecret`: lower case, also where it came from a file;
 * - `zk`: never `file://`, which is opened while loading; see parseZkUrl.
 */
export interface Config
  extends Omit<Settings, 'zoneResolvers' | 'mesosCredentials' | 'staticRecords'> {
  /** Zone (lower case, no trailing dot) → normalised `ip:port` list. */
  readonly zoneResolvers: Readonly<Record<string, readonly string[]>>
  /** The secret itself, also where it came from a file. */
  readonly mesosCredentials: { readonly principal: string; readonly secret: string }
  readonly staticRecords: readonly StaticRecord[]
  /** Absolute path of the file it came from; `''` if none. */
  readonly file: string
}

/** A record the operator adds to the zone. */
export interface StaticRecord {
  /** Below or at the domain, with a trailing dot, lower case. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV' | 'CNAME' | 'TXT'
  /** Seconds; undefined means `ttl`. */
  readonly ttl: number | undefined
  /** Presentation format as in RRset.rdata. */
  readonly rdata: string
}
