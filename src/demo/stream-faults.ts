/** Something a test lets a record of an event stream meet: a SUBSCRIBED, an event or a heartbeat. */
export type StreamFault =
  /** It and all that follow come later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It is not sent. With `every` (default 1) only each so manieth event is lost, and nothing else. */
  | { readonly kind: 'drop'; readonly every?: number }
  /** It is not sent, nor is a heartbeat: the connection stays, and nothing is heard. */
  | { readonly kind: 'silence' }
  /** The connection is closed after so many octets of it (default half). */
  | { readonly kind: 'cut'; readonly octets?: number }
  /** Other octets come in its place, without a length before them. */
  | { readonly kind: 'garbage'; readonly octets: string | Buffer }
  /** Another text comes in its place, with the right length. */
  | { readonly kind: 'text'; readonly text: string }
  /** The length is by so much too large, or too small if negative. */
  | { readonly kind: 'length'; readonly by: number }
  /** It comes in chunks of so many octets, as from a proxy; with `everyMs` one after the other. */
  | { readonly kind: 'recut'; readonly octets: number; readonly everyMs?: number }
