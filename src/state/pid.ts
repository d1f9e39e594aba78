import { type HostPort, parseHostPort } from '../net/address.ts'

/**
 * Address in a libprocess PID, `slave(1)@10.0.0.1:5051` or `master@[2001:db8::1]:5050`. Quotes and
 * blanks around it are cut off. Undefined without exactly one `@`, a host and a port.
 */
export function parsePid(text: string): HostPort | undefined {
  const pid = trimPid(text)
  const at = pid.indexOf('@')
  if (at === -1 || pid.indexOf('@', at + 1) !== -1) return undefined
  return parseHostPort(pid.slice(at + 1))
}

/** The text without the blanks and quotes around it. */
export function trimPid(text: string): string {
  return text.replace(/^[\s"]+|[\s"]+$/g, '')
}
