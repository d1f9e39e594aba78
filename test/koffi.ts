import { loadSockets } from '../src/sockets/index.ts'

const MISSING = 'koffi does not load here: install optional dependencies'

/**
 * Options of a test that makes system calls through koffi: it is skipped where koffi does not load. In CI
 * nothing may be left out, so there this throws.
 */
export function needsKoffi(): { readonly skip: string | false } {
  if (loadSockets() !== undefined) return { skip: false }
  if ((process.env['CI'] ?? '') !== '') throw new Error(MISSING)
  return { skip: MISSING }
}
