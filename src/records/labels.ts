/**
 * Turning names from Mesos into DNS labels. Two standards are known: RFC 1123 §2.1 (the default) and
 * the older RFC 952 (`EnforceRFC952`): shorter, and letters first.
 */
export interface LabelRules {
  /** One label made of the whole text: `My_App.v2` → `my-app-v2`. May be empty. */
  label(text: string): string
  /** The text's dots stay and separate labels: `a..B_c` → `a.b-c`. May be empty. */
  domainFragment(text: string): string
}

const DASH = 0x2d
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

export const rfc1123: LabelRules = rules(63, (code) => code === DASH)

export const rfc952: LabelRules = rules(
  24,
  (code) => code === DASH || (code >= DIGIT_0 && code <= DIGIT_9),
)

function rules(max: number, isCutFromStart: (code: number) => boolean): LabelRules {
  const label = (text: string) => cut(mapCharacters(text), max, isCutFromStart)
  return {
    label,
    domainFragment: (text) =>
      text
        .split('.')
        .map(label)
        .filter((part) => part !== '')
        .join('.'),
  }
}

/** Lower-cases ASCII letters, turns `.` and `_` into `-`, and deletes what no label may hold. */
function mapCharacters(text: string): string {
  let mapped = ''
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code >= 0x61 && code <= 0x7a) || (code >= DIGIT_0 && code <= DIGIT_9) || code === DASH) {
      mapped += text[i]
    } else if (code >= 0x41 && code <= 0x5a) {
      mapped += String.fromCharCode(code + 0x20)
    } else if (code === 0x2e || code === 0x5f) {
      mapped += '-'
    }
  }
  return mapped
}

/**
 * At most `max` characters, not starting with those to be cut nor ending in the dashes at the limit.
 * Where dashes fall away at the limit, characters from behind them move up, as in Mesos-DNS; these may
 * end in a dash again.
 */
function cut(mapped: string, max: number, isCutFromStart: (code: number) => boolean): string {
  let start = 0
  while (start < mapped.length && isCutFromStart(mapped.charCodeAt(start))) start++
  const limit = Math.min(mapped.length, start + max)
  let end = limit
  while (end > start && mapped.charCodeAt(end - 1) === DASH) end--
  const head = mapped.slice(start, end)
  if (end === limit) return head
  let next = limit
  while (next < mapped.length && mapped.charCodeAt(next) === DASH) next++
  return head + mapped.slice(next, next + limit - end)
}
