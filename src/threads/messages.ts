import type { Config } from '../config/schema.ts'
import type { ThreadListeners } from '../dns/index.ts'
import type { LogLevel } from '../log.ts'
import type { ListingKind } from '../records/listing.ts'
import type { ZoneUpdate } from '../zone/zone-update.ts'
import type { LogMessage } from './log-relay.ts'
import type { PlainError } from './plain-error.ts'
import type { ReplyMessage } from './requests.ts'

/** What every thread is told by the control thread, besides what is its own. */
export type ControlMessage =
  /** To be answered with `pong`, so that it is known not to hang. */
  | { readonly kind: 'ping' }
  /** To finish what it has in hand, and to end. */
  | { readonly kind: 'stop' }

/** What every thread tells the control thread. */
export type ThreadMessage =
  | LogMessage
  | ReplyMessage
  | { readonly kind: 'pong' }
  /** It does its work from now on. */
  | { readonly kind: 'ready' }
  /** It could not be started; it ends. */
  | { readonly kind: 'failed'; readonly error: PlainError }

/** What every thread starts with. */
interface ThreadData {
  readonly config: Config
  /** Of the package. */
  readonly version: string
  readonly logLevel: LogLevel
  /** Memory of the ReaderEpochs. */
  readonly epochs: SharedArrayBuffer
}

/** What the state thread starts with. */
export interface StateThreadData extends ThreadData {
  /** The zone that an earlier state thread made and that is answered from until this one has another. */
  readonly present: Pick<ZoneUpdate, 'serial' | 'epoch' | 'digest'> | undefined
}

export type ToStateThread =
  | { readonly kind: 'refresh'; readonly id: number }
  | { readonly kind: 'listing'; readonly id: number; readonly listing: ListingKind }

/** A state of the cluster has been taken in. */
export interface PublishedMessage {
  readonly kind: 'published'
  /** Undefined if memory, too, is as it was. */
  readonly update: ZoneUpdate | undefined
  /** Whether readers see other records than before. */
  readonly changed: boolean
  /** When the state was received, ms since the epoch. */
  readonly receivedAt: number
  /** How many odd things the state has, by kind. */
  readonly problems: Readonly<Record<string, number>>
}

/** What a query thread starts with. */
export interface QueryThreadData extends ThreadData {
  /** Its slot in the epochs. */
  readonly slot: number
  readonly listeners: ThreadListeners
  /** 16 octets that DNS cookies are made from, the same in all threads. */
  readonly cookieSecret: Uint8Array
  /** Memory of its counters. */
  readonly counters: SharedArrayBuffer
  /** The zone as it is, if there is one yet; what comes later follows it. */
  readonly zone: ZoneUpdate | undefined
}

export type ToQueryThread =
  | { readonly kind: 'zone'; readonly update: ZoneUpdate }
  /** To be replied to when the messages before it have been taken in. */
  | { readonly kind: 'sync'; readonly id: number }
