import { parentPort } from 'node:worker_threads'
import type { Logger, LogLevel } from '../log.ts'
import { relayLogger } from './log-relay.ts'
import type { ControlMessage, ThreadMessage } from './messages.ts'
import { plainError } from './plain-error.ts'
import type { ReplyMessage } from './requests.ts'

/** What a thread does, once it has been started. */
export interface ThreadBody<Down> {
  /** Takes a message of the control thread. What it throws ends the thread, which is then replaced. */
  receive(message: Down): void
  /** Finishes what is in hand and frees everything that keeps the thread alive. */
  close(): Promise<void>
}

/** A thread's way to the control thread. */
export interface ThreadPort<Up> {
  readonly log: Logger
  post(message: Up): void
  /** Replies to a request with what `work` resolves to, or with the error it fails with. */
  reply(id: number, work: () => Reply | Promise<Reply>): void
}

/** The value of a reply; buffers in `transfer` are handed over and not copied. */
export interface Reply {
  readonly value?: unknown
  readonly transfer?: readonly ArrayBuffer[]
}

/**
 * Runs the body of a worker thread from its start to the stop that the control thread asks for. Messages
 * that come before it has been started wait for it, in their order.
 */
export async function runThread<Down extends { readonly kind: string }, Up>(
  logLevel: LogLevel,
  start: (port: ThreadPort<Up>) => ThreadBody<Down> | Promise<ThreadBody<Down>>,
): Promise<void> {
  if (parentPort === null) throw new Error('this file is the entry of a worker thread')
  const port = parentPort
  const post = (message: ThreadMessage) => port.postMessage(message)
  const reply = async (id: number, work: () => Reply | Promise<Reply>) => {
    try {
      const { value, transfer = [] } = await work()
      port.postMessage({ kind: 'reply', id, value } satisfies ReplyMessage, [...transfer])
    } catch (error) {
      post({ kind: 'reply', id, error: plainError(errorOf(error)) })
    }
  }
  const early: Down[] = []
  let body: ThreadBody<Down> | undefined
  let stopping = false

  const stop = async () => {
    stopping = true
    await body?.close()
    // What has been posted is delivered; with no handle left the thread ends by itself.
    port.close()
  }
  port.on('message', (message: Down | ControlMessage) => {
    if (message.kind === 'ping') post({ kind: 'pong' })
    else if (message.kind === 'stop') {
      if (body === undefined) stopping = true
      else void stop()
    } else if (body === undefined) early.push(message as Down)
    else if (!stopping) body.receive(message as Down)
  })

  try {
    body = await start({
      log: relayLogger(logLevel, post),
      post: (message) => port.postMessage(message),
      reply: (id, work) => void reply(id, work),
    })
  } catch (error) {
    post({ kind: 'failed', error: plainError(errorOf(error)) })
    port.close()
    return
  }
  if (stopping) return stop()
  for (const message of early) body.receive(message)
  post({ kind: 'ready' })
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
