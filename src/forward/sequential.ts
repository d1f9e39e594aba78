import type { ForwardClient } from './client.ts'
import type { Failure } from './exchange.ts'
import type { Message } from './message.ts'
import type { Upstream } from './upstream.ts'
import type { UpstreamLog } from './upstream-log.ts'

export type Resolution =
  | { readonly reply: Message; readonly failures?: undefined }
  | { readonly reply?: undefined; readonly failures: readonly Failure[] }

/**
 * Asks the upstreams in their order until one replies. Any reply is final, SERVFAIL and REFUSED too;
 * only an upstream that gives none is followed by the next.
 */
export async function askInOrder(
  upstreams: readonly Upstream[],
  query: Message,
  transport: ForwardClient['transport'],
  signal: AbortSignal,
  log: UpstreamLog,
): Promise<Resolution> {
  const failures: Failure[] = []
  for (const upstream of upstreams) {
    const { reply, failure } = await upstream.ask(query, transport, signal)
    if (reply !== undefined) {
      log.answered(upstream)
      return { reply }
    }
    failures.push(failure)
    if (failure.kind === 'aborted') break
    log.failed(upstream, failure)
  }
  return { failures }
}
