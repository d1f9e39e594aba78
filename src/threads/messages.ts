import type { Config, Field } from '../config/schema.ts'
import type { CloseOptions, ThreadListeners } from '../dns/index.ts'
import type { LogLevel } from '../log.ts'
import type { ListingKind } from '../records/listing.ts'
import type { FollowStatus } from '../status.ts'
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
  /** `host:port` of the leading master as an earlier state thread knew it. */
  readonly lastLeader: string | undefined
}

export type ToStateThread =
  | { readonly kind: 'refresh'; readonly id: number }
  | { readonly kind: 'listing'; readonly id: number; readonly listing: ListingKind }
  | {
      readonly kind: 'configure'
      readonly id: number
      readonly config: Config
      /** Settings that are not as before, or name files that are not. */
      readonly changed: readonly Field[]
    }

export type FromStateThread =
  | PublishedMessage
  | ConfiguredMessage
  | { readonly kind: 'status'; readonly status: FollowStatus }
  /** It cannot do what it is configured for, and the process is to end for it. */
  | { readonly kind: 'fatal'; readonly error: PlainError }

/** What came of a state of the cluster. */
export interface Published {
  /** Undefined if memory, too, is as it was. */
  readonly update: ZoneUpdate | undefined
  /** Whether readers see other records than before. */
  readonly changed: boolean
  /** When the state was received, ms since the epoch. */
  readonly receivedAt: number
  /** How many odd things the state has, by kind. */
  readonly problems: Readonly<Record<string, number>>
}

/** A state of the cluster has been taken in. */
export interface PublishedMessage extends Published {
  readonly kind: 'published'
}

/**
 * The configuration of a `configure` is in effect in the state thread; what it publishes later follows it. The
 * reply to that request says so as well, but may be seen after later messages.
 */
export interface ConfiguredMessage {
  readonly kind: 'configured'
  /** Of the request. */
  readonly id: number
  /** What came of the last state under it; undefined if the zone is as it was. */
  readonly published: Published | undefined
}

/** What a query thread starts with. */
export interface QueryThreadData extends ThreadData {
  /** Its slot in the epochs. */
  readonly slot: number
  /** Memory of the Freshness. */
  readonly freshness: SharedArrayBuffer
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
  | QueryConfiguration
  /** To be replied to when the messages before it have been taken in. */
  | { readonly kind: 'sync'; readonly id: number }
  /** How it is to end when it is told to. */
  | { readonly kind: 'ending'; readonly options: CloseOptions }

/** To answer by another configuration from now on, and from the zone that was made by it. */
export interface QueryConfiguration {
  readonly kind: 'configure'
  readonly config: Config
  readonly cookieSecret: Uint8Array
  /** Undefined if the zone is the same. */
  readonly update: ZoneUpdate | undefined
}
