import { canonicalIp, isIp } from '../../net/address.ts'
import { reverseName } from '../../records/reverse.ts'
import { UsageError } from '../errors.ts'
import { parseType } from './types.ts'

export interface Question {
  /** With a trailing dot, except for the root. */
  readonly name: string
  readonly type: number
}

/** RFC 1035 §2.3.4, in octets. */
const MAX_LABEL = 63
const MAX_NAME = 255

/** What `lookup NAME [TYPE]` asks; an address without a type asks for its reverse name. */
export function makeQuestion(name: string, type: string | undefined): Question {
  if (type === undefined && isIp(name)) {
    return { name: reverseName(canonicalIp(name) ?? name), type: parseType('PTR') }
  }
  return { name: checkedName(name), type: parseType(type ?? 'A') }
}

function checkedName(name: string): string {
  const labels = name.replace(/\.$/, '').split('.')
  if (name === '.') return name
  if (labels.some((label) => label === '')) {
    throw new UsageError(`${JSON.stringify(name)} is no domain name: it has an empty label`)
  }
  for (const label of labels) {
    if (!/^[\x21-\x7e]+$/.test(label)) {
      throw new UsageError(`${JSON.stringify(name)} is no domain name: use ASCII without spaces`)
    }
    if (label.length > MAX_LABEL) {
      throw new UsageError(
        `the label ${label} has ${label.length} characters; ${MAX_LABEL} is the most`,
      )
    }
  }
  const octets = labels.join('.').length + 2
  if (octets > MAX_NAME) {
    throw new UsageError(`the name has ${octets} octets on the wire; ${MAX_NAME} is the most`)
  }
  return `${labels.join('.')}.`
}
