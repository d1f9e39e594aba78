import { hash } from 'node:crypto'

/** The alphabet of z-base-32 (Zooko O'Whielacronx, 2002). */
const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** Five hexadecimal digits give four characters of five bits each. */
const HEX_DIGITS = 5
const CHARACTERS = 4

/**
 * The first `characters` (at most 8) of z-base-32(SHA-1(text)). Mesos-DNS tells tasks of one name
 * apart by five of them; nothing secret depends on it.
 */
export function shortHash(text: string, characters: number): string {
  const digest = hash('sha1', text, 'hex')
  const first = Number.parseInt(digest.slice(0, HEX_DIGITS), 16)
  const second = Number.parseInt(digest.slice(HEX_DIGITS, 2 * HEX_DIGITS), 16)
  let code = ''
  for (let i = 0; i < characters; i++) {
    const bits = i < CHARACTERS ? first : second
    code += ALPHABET.charAt((bits >> (5 * (CHARACTERS - 1 - (i % CHARACTERS)))) & 31)
  }
  return code
}

/** The part of a canonical task name that stands for the task's id. */
export function taskHash(taskId: string): string {
  return shortHash(taskId, 5)
}
