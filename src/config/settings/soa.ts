import { z } from 'zod'
import { Fault } from '../issue.ts'
import { nameProblem } from '../names.ts'
import { converted, setting, uint32 } from '../setting.ts'

/** Printable ASCII but for blanks and `"$();@\`, which mean something else in a zone file (RFC 1035 §5.1). */
const PLAIN = /^[!#%-'*-:<-?A-[\]-~]+$/

/** Mesos-DNS strips any number of dots from the end and adds one. */
function soaName(text: string): string | Fault {
  const name = text.replace(/\.+$/, '')
  const fix = 'write a name such as ns1.mesos'
  if (name === '') return new Fault('is empty', fix)
  const problem = nameProblem(name)
  if (problem !== undefined) return new Fault(problem, fix)
  return PLAIN.test(name) ? `${name}.` : new Fault('is not a domain name', fix)
}

/** The start of authority (RFC 1035 §3.3.13, RFC 2308 §4). */
export const soa = {
  soaMname: setting({
    key: 'SOAMname',
    // Lower case, because our own addresses are stored under it.
    schema: converted(z.string(), (text) => soaName(text.toLowerCase())),
    default: 'ns1.mesos',
    doc: 'Name of this name server (NS and SOA). It does not follow `domain` by itself.',
  }),
  soaRname: setting({
    key: 'SOARname',
    schema: converted(z.string(), (text) => soaName(text.replaceAll('@', '.'))),
    default: 'root.ns1.mesos',
    doc: 'Mail address of whoever looks after the zone; `@` may be written as it is.',
  }),
  soaRefresh: setting({
    key: 'SOARefresh',
    schema: uint32,
    default: 60,
    doc: 'Seconds after which secondaries look for changes.',
  }),
  soaRetry: setting({
    key: 'SOARetry',
    schema: uint32,
    default: 600,
    doc: 'Seconds after which secondaries try again when that failed.',
  }),
  soaExpire: setting({
    key: 'SOAExpire',
    schema: uint32,
    default: 86400,
    doc: 'Seconds after which secondaries give the zone up.',
  }),
  soaMinttl: setting({
    key: 'SOAMinttl',
    schema: uint32,
    default: 60,
    doc: 'Seconds that others may remember that a name does not exist (RFC 2308).',
  }),
}
