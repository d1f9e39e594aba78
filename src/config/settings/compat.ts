import { z } from 'zod'
import { setting } from '../setting.ts'

/** Faults of Mesos-DNS that somebody may rely on. */
export const compat = {
  compat: setting({
    key: 'compat',
    schema: z.object({
      soaMinimumFromTtl: z
        .boolean()
        .prefault(false)
        .describe('The SOA’s minimum is `ttl`, `SOAMinttl` has no effect.'),
      srvMissNoError: z
        .boolean()
        .prefault(false)
        .describe('SRV queries for names that do not exist get NOERROR instead of NXDOMAIN.'),
    }),
    default: {},
    example: { srvMissNoError: true },
    doc: 'Brings single behaviours of Mesos-DNS back: `soaMinimumFromTtl` (the SOA’s minimum is `ttl`, not `SOAMinttl`), `srvMissNoError` (an SRV query for a missing name gets NOERROR).',
  }),
}
