import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonPieces, LazyList } from '../../src/demo/lazy-list.ts'
import { lengthOf, renderJson } from '../../src/demo/render.ts'

test('a document with lazy lists has the text that JSON.stringify gives it', () => {
  const list = fc.array(fc.integer()).map((items) => new LazyList(items, (item) => ({ item })))
  const { document } = fc.letrec((tie) => ({
    document: fc.oneof(
      { depthSize: 'small' },
      list,
      fc.jsonValue(),
      fc.array(tie('document')),
      fc.dictionary(fc.string(), fc.oneof(tie('document'), fc.constant(undefined))),
    ),
  }))
  fc.assert(
    fc.property(document, (value) => {
      assert.equal([...jsonPieces(value)].join(''), JSON.stringify(value))
    }),
  )
})

test('items of a lazy list are made only when asked for, by the quicker way if there is one', () => {
  let made = 0
  const document = (n: number) => {
    made++
    return { n }
  }
  const list = new LazyList([1, 2], document, (n) => `{"n":${n}}`)
  assert.equal(list.length, 2)
  assert.deepEqual([...jsonPieces({ list })].join(''), '{"list":[{"n":1},{"n":2}]}')
  assert.equal(made, 0)
  assert.deepEqual([...list], [{ n: 1 }, { n: 2 }])
})

test('a large document is rendered in pieces, and others get their turn between them', async () => {
  const list = new LazyList(Array(2000).fill('é'.repeat(1000)), (text: string) => ({ text }))
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  const pieces = await renderJson({ list })
  clearInterval(timer)
  assert.ok(pieces.length > 5, `${pieces.length}`)
  assert.ok(turns > 0)
  const text = Buffer.concat(pieces).toString()
  assert.equal(lengthOf(pieces), Buffer.byteLength(text))
  assert.equal(JSON.parse(text).list.length, 2000)
})
