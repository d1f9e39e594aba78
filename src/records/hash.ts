import { hash } from 'node:crypto'

/** The alphabet of z-base-32 (Zooko O'Whielacronx, 2002). */
const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** Five bits per character: eight are the most that a slice of ten hexadecimal digits can give. */
const HEX_DIGITS = 10
const MAX_CHARACTERS = 8

/**
 * The first `characters` (at most 8) of z-base-32(SHA-1(text)). Mesos-DNS tells tasks of one name
 * apart by five of them; nothing secret depends on it.
 */
export function shortHash(text: string, characters: number): string {
  const bits = Number.parseInt(hash('sha1', text, 'hex').slice(0, HEX_DIGITS), 16)
  let code = ''
  for (let i = 1; i <= characters; i++) {
    code += ALPHABET.charAt(Math.floor(bits / 32 ** (MAX_CHARACTERS - i)) % 32)
  }
  return code
}

/** The part of a canonical task name that stands for the task's id. */
export function taskHash(taskId: string): string {
  return shortHash(taskId, 5)
}
