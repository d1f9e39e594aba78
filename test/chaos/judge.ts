import { RCODE } from '../../src/net/dns-numbers.ts'
import { type Claim, type History, isCertain, isPossible, type Span } from './history.ts'
import { formatLine, type Line, type Reply } from './reply.ts'

export interface Question {
  /** Lower case, with a trailing dot. */
  readonly name: string
  readonly type: string
}

/** What of the configuration may be in effect, and what is known of the serial. */
export interface Terms {
  /** With a trailing dot. */
  readonly apex: string
  /** TTLs that are the default at some moment between query and reply. */
  readonly ttls: ReadonlySet<number>
  readonly leastSerial: number
}

const MAX_CHAIN = 8

export interface Judgement {
  /** What is wrong with the reply; empty if nothing is. */
  readonly problems: readonly string[]
  /** Whether it could not have been otherwise. */
  readonly isCertain: boolean
}

/** Judges a reply by what was so at some moment of the span: nothing else may be told, nor be left out. */
export function judge(
  { name, type }: Question,
  reply: Reply,
  { history, span, terms }: { history: History; span: Span; terms: Terms },
): Judgement {
  const problems = problemsOf({ name, type }, reply, { history, span, terms })
  const isCertainNow = history
    .under(name)
    .every((claim) => isCertain(claim, span) || !isPossible(claim, span))
  return { problems, isCertain: isCertainNow }
}

function problemsOf(
  { name, type }: Question,
  reply: Reply,
  { history, span, terms }: { history: History; span: Span; terms: Terms },
): string[] {
  const wrong: string[] = []
  const say = (text: string) => void wrong.push(text)
  const { rcode, answers, authority, additional } = reply
  if (reply.truncated) say('truncated')

  // Aliases are the operator's, and stay.
  let owner = name
  let rest = answers
  for (let links = 0; links < MAX_CHAIN && type !== 'CNAME'; links++) {
    const [alias] = history.claims(owner, 'CNAME').filter((claim) => isPossible(claim, span))
    if (alias === undefined) break
    const [first] = rest
    if (first?.type !== 'CNAME' || first.rdata !== alias.rdata) {
      say(`no alias to ${alias.rdata}`)
      break
    }
    owner = alias.rdata
    rest = rest.slice(1)
  }

  const isOwn = owner === terms.apex || owner.endsWith(`.${terms.apex}`)
  // Reverse zones begin, and end, at the names themselves.
  const claims = history.under(owner).filter((claim) => isOwn || claim.name === owner)
  const isThere = owner === terms.apex || claims.some((claim) => isPossible(claim, span))
  if (type === 'SOA' && (owner === terms.apex || (!isOwn && rest.length > 0))) {
    if (rest.length !== 1) say('not one SOA')
    if (!isThere) say('there was no such name')
    for (const line of rest) judgeSoa(line, terms, say)
    return wrong
  }
  judgeSet({ owner, type, lines: rest, history, span, terms, say })
  judgeGlue({ type, answers: rest, additional, history, span, terms, say })
  if (rest.length > 0) {
    if (rcode !== RCODE.NOERROR) say(`records with RCODE ${rcode}`)
    return wrong
  }

  const denied = isOwn ? RCODE.NXDOMAIN : RCODE.REFUSED
  if (rcode === denied) {
    const there = claims.find((claim) => isCertain(claim, span))
    if (there !== undefined) say(`denied, but there was ${describe(there)}`)
  } else if (rcode === RCODE.NOERROR) {
    if (!isThere) say('NODATA, but there was no such name')
  } else {
    say(`RCODE ${rcode}`)
  }
  if (rcode === RCODE.REFUSED) return wrong
  if (authority.length !== 1) say('no SOA in the denial')
  for (const line of authority) judgeSoa(line, terms, say)
  return wrong
}

interface Judged {
  readonly history: History
  readonly span: Span
  readonly terms: Terms
  readonly say: (text: string) => void
}

function judgeSet(set: Judged & { owner: string; type: string; lines: readonly Line[] }): void {
  const { owner, type, lines, history, span, terms, say } = set
  const claims = history.claims(owner, type)
  const told = new Set<string>()
  for (const line of lines) {
    if (line.name !== owner || line.type !== type) say(`not asked for: ${formatLine(line)}`)
    if (told.has(line.rdata)) say(`twice: ${formatLine(line)}`)
    told.add(line.rdata)
    const of = claims.filter(({ rdata }) => rdata === line.rdata)
    if (!of.some((claim) => isPossible(claim, span))) {
      say(`was not so: ${formatLine(line)}${of.length > 0 ? `; ${of.map(describe).join()}` : ''}`)
    } else if (
      !of.some(({ ttl }) => (ttl === undefined ? terms.ttls.has(line.ttl) : ttl === line.ttl))
    ) {
      say(`TTL ${line.ttl} is not in effect`)
    }
  }
  if (new Set(lines.map(({ ttl }) => ttl)).size > 1) say('a set with several TTLs')
  for (const claim of claims) {
    if (isCertain(claim, span) && !told.has(claim.rdata)) say(`lacks ${describe(claim)}`)
  }
}

/** Addresses of targets, and of nothing else; each of a moment at which the target was one, and none left out. */
function judgeGlue(
  glue: Judged & { type: string; answers: readonly Line[]; additional: readonly Line[] },
): void {
  const { type, answers, additional, history, span, say } = glue
  const targets = new Map<string, Claim[]>()
  if (type === 'SRV') {
    for (const { name, rdata } of answers) {
      const target = rdata.split(' ').at(-1) ?? ''
      const claims = history.claims(name, 'SRV').filter((claim) => claim.rdata === rdata)
      targets.set(target, [...(targets.get(target) ?? []), ...claims])
    }
  }
  for (const line of additional) {
    const services = targets.get(line.name)
    if (services === undefined) {
      say(`an address of no target: ${formatLine(line)}`)
      continue
    }
    const addresses = history
      .claims(line.name, line.type)
      .filter(({ rdata }) => rdata === line.rdata)
    const together = addresses.some((address) =>
      services.some((service) => {
        const from = Math.max(span.from, address.from, service.from)
        return from <= Math.min(span.to, address.to, service.to)
      }),
    )
    if (addresses.length > 0 && !together) say(`never a target with ${formatLine(line)}`)
  }
  for (const target of targets.keys()) {
    for (const family of ['A', 'AAAA']) {
      const lines = additional.filter((line) => line.name === target && line.type === family)
      judgeSet({ ...glue, owner: target, type: family, lines })
    }
  }
}

function judgeSoa(line: Line, { apex, leastSerial }: Terms, say: (text: string) => void): void {
  const serial = Number(line.rdata.split(' ')[2])
  const isOfApex = line.type === 'SOA' && (line.name === apex || line.name.endsWith('.arpa.'))
  if (!isOfApex) say(`no SOA of ours: ${formatLine(line)}`)
  else if (!(serial >= leastSerial)) say(`serial ${serial} after ${leastSerial}`)
}

export function describe({ name, type, rdata, from, to }: Claim): string {
  return `${name} ${type} ${rdata} (${Math.round(from)} to ${Math.round(to)})`
}
