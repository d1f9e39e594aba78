import type { Config } from '../../config/schema.ts'

/** The settings that say what is kept although the leading master does not list it. */
export type LiveSettings = Pick<
  Config,
  'failoverHoldSeconds' | 'failoverSettleSeconds' | 'shrinkThreshold' | 'shrinkConfirmations'
>
