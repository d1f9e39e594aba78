import type { Config } from '../config/schema.ts'
import type { Transport } from '../counters/index.ts'
import type { ChaosTexts } from './chaos.ts'
import type { Cookies } from './cookies.ts'
import type { EdnsSettings } from './edns.ts'

export type { Transport }

/** Gives the source address of the message at hand; asked only if the reply depends on it. */
export interface Client {
  /** 4 or 16 octets, valid until the next call; undefined if there is none. */
  addressOctets(): Uint8Array | undefined
}

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
  /** Undefined when DNS cookies are off. */
  readonly cookies: Cookies | undefined
}
