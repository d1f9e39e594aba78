import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainError } from '../../src/threads/plain-error.ts'
import { Requests } from '../../src/threads/requests.ts'

test('replies find their requests in whatever order they come', async () => {
  const requests = new Requests()
  const ids: number[] = []
  const post = (id: number) => void ids.push(id)
  const results = [requests.request(post), requests.request(post)]
  const [first = 0, second = 0] = ids
  requests.settle({ kind: 'reply', id: second, value: 'b' })
  requests.settle({ kind: 'reply', id: first, value: 'a' })
  assert.deepEqual(await Promise.all(results), ['a', 'b'])
})

test('what failed there is rejected here', async () => {
  const requests = new Requests()
  let asked = 0
  const result = requests.request((id) => {
    asked = id
  })
  const error = plainError(new RangeError('no such listing'))
  requests.settle({ kind: 'reply', id: asked, error })
  await assert.rejects(result, { name: 'RangeError', message: 'no such listing' })
})

test('a request that cannot be posted is rejected', async () => {
  const refuse = () => {
    throw new TypeError('could not be cloned')
  }
  await assert.rejects(new Requests().request(refuse), TypeError)
})

test('the end of the thread rejects what is pending, and later replies are ignored', async () => {
  const requests = new Requests()
  let asked = 0
  const result = requests.request((id) => {
    asked = id
  })
  requests.rejectAll(new Error('gone'))
  requests.settle({ kind: 'reply', id: asked, value: 1 })
  await assert.rejects(result, { message: 'gone' })
})
