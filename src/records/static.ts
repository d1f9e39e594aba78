import { aliasConflict } from './conflicts.ts'
import { RANK } from './contribution.ts'
import type { Contributor } from './contributor.ts'

/**
 * The operator's records. They join sets of the same name and type; a CNAME, which allows nothing
 * beside it (RFC 1034 §3.6.2), gives way to whatever is there.
 */
export function contributeStaticRecords(to: Contributor): void {
  const { config, suffix } = to.conventions
  const aliases = new Set<string>()
  for (const { name, type, rdata, ttl } of config.staticRecords) {
    if (type !== 'CNAME') {
      to.record(type, name, rdata, RANK.STATIC, ttl)
      continue
    }
    const isApex = name === suffix.slice(1)
    if (isApex || aliases.has(name)) {
      const { kind, object, detail } = aliasConflict(name, rdata)
      to.report(kind, object, detail)
      continue
    }
    aliases.add(name)
    to.record(type, name, rdata, RANK.ALIAS, ttl)
  }
}
