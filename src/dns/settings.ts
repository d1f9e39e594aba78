import type { Config } from '../config/schema.ts'
import type { ChaosTexts } from './chaos.ts'
import type { EdnsSettings } from './edns.ts'

export type Transport = 'udp' | 'tcp'

/** What of the configuration shapes answers. */
export interface AnswerSettings
  extends Pick<
    Config,
    'ordering' | 'maxAnswers' | 'recurseOn' | 'setTruncateBit' | 'resolvSubnetFirst' | 'compat'
  > {
  /** Lower-cased wire name of the domain, known before there is a zone. */
  readonly apex: Uint8Array
  readonly edns: EdnsSettings
  /** Idle timeout told to TCP clients that ask (RFC 7828), in units of 100 ms. */
  readonly keepalive: number
  /** Undefined when class CH is off. */
  readonly chaos: ChaosTexts | undefined
}
