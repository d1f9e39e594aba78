import { workerData } from 'node:worker_threads'
import { plainError } from '../../src/threads/plain-error.ts'
import type { ReplyMessage } from '../../src/threads/requests.ts'
import { runThread } from '../../src/threads/thread-port.ts'

/** How the thread of these tests is to begin. */
export interface FixtureData {
  readonly start?: 'fail' | 'throw' | 'die young' | 'never'
}

/** What it can be told to do. */
export type FixtureOrder =
  | { readonly kind: 'echo'; readonly id: number; readonly text: string }
  | { readonly kind: 'refuse'; readonly id: number }
  | { readonly kind: 'ignore'; readonly id: number }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'throw' }
  | { readonly kind: 'exit' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'linger' }

export type FixtureNews = { readonly kind: 'said'; readonly text: string } | ReplyMessage

const { start } = workerData as FixtureData

if (start === 'throw') throw new RangeError('thrown while it was loaded')

await runThread<FixtureOrder, FixtureNews>('debug', ({ log, post }) => {
  if (start === 'fail') {
    throw Object.assign(new TypeError('cannot begin'), { code: 'E_BEGIN' })
  }
  if (start === 'die young') setImmediate(() => process.exit(3))
  // Keeps the thread alive, as sockets do, until it is closed.
  const alive = setInterval(() => {}, 1000)
  if (start === 'never') return new Promise(() => {})
  let lingering = false
  return {
    receive(order) {
      switch (order.kind) {
        case 'echo':
          post({ kind: 'said', text: order.text })
          return post({ kind: 'reply', id: order.id, value: order.text })
        case 'refuse':
          return post({ kind: 'reply', id: order.id, error: plainError(new Error('refused')) })
        case 'ignore':
          return
        case 'log':
          return log.info({ text: order.text }, 'line of a thread')
        case 'throw':
          throw Object.assign(new RangeError('thrown on order'), { code: 'E_ORDER' })
        case 'exit':
          return process.exit(7)
        case 'hang':
          for (;;);
        case 'linger':
          lingering = true
      }
    },
    async close() {
      log.info('last line of a thread')
      if (!lingering) clearInterval(alive)
    },
  }
})
