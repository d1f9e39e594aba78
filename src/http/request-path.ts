import { posix } from 'node:path'

/**
 * Percent-decodes the path of a request target. Octets that are no UTF-8 become U+FFFD, as Go's JSON
 * encoder shows them. Returns undefined where `%` is not followed by two hex digits.
 */
export function decodePath(raw: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(raw)) return undefined
  return raw.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/**
 * A decoded path without empty, `.` and `..` segments; a slash at the end stays. Go's ServeMux, which
 * Mesos-DNS used, redirects to this form where it differs.
 */
export function cleanPath(path: string): string {
  return posix.normalize(path.startsWith('/') ? path : `/${path}`)
}

/** Encodes a decoded path for a Location header or a router: everything but slashes is data. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
