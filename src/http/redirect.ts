import type { Answer } from './answer.ts'

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/** As Go's http.Redirect writes it: with a body for GET, with none for methods that expect none. */
export function redirect(method: string, location: string): Answer {
  const status = 301
  if (method !== 'GET' && method !== 'HEAD') {
    return { status, headers: { Location: location }, body: '' }
  }
  const shown = location.replaceAll(/[&<>"']/g, (char) => HTML_ESCAPES[char] ?? char)
  return {
    status,
    headers: { Location: location, 'Content-Type': 'text/html; charset=utf-8' },
    body: `<a href="${shown}">Moved Permanently</a>.\n\n`,
  }
}
