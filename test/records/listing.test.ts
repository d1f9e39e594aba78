import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { goJson } from '../../src/go-json.ts'
import { axfrBody } from '../../src/records/axfr.ts'
import { enumerate } from '../../src/records/enumerate.ts'
import { generateRecords } from '../../src/records/generate.ts'
import { LISTINGS, type ListingKind, listing } from '../../src/records/listing.ts'
import { framework, input, state, task } from './cluster.ts'

const SERIAL = 7
const CONFIG = {
  ttl: 30,
  refreshSeconds: 5,
  soaMname: 'ns9.mesos.',
  soaRname: 'root.ns9.mesos.',
  domain: 'mesos',
}
const ZONE = {
  ttl: 30,
  serial: SERIAL,
  refreshSeconds: 5,
  mname: 'ns9.mesos.',
  rname: 'root.ns9.mesos.',
  domain: 'mesos',
}

/** Enough for several pieces, with a character of more than one octet in each task. */
const TASKS = Array.from({ length: 500 }, (_, i) => task({ id: `é.${i}`, name: `t${i}` }))

function given() {
  return input(state([framework('m', ...TASKS)]))
}

function pieces(kind: ListingKind) {
  return [...listing(kind, given(), CONFIG, SERIAL)]
}

const WHOLE: Readonly<Record<ListingKind, () => unknown>> = {
  enumerate: () => enumerate(given()),
  axfr: () => axfrBody(generateRecords(given()), ZONE),
}

for (const kind of LISTINGS) {
  test(`${kind}: the pieces are the document as Go prints it, in UTF-8`, () => {
    const made = pieces(kind)
    assert.ok(made.length > 1, `${made.length} pieces`)
    assert.equal(Buffer.concat(made).toString(), goJson(WHOLE[kind]()))
  })

  test(`${kind}: pieces go to another thread without being copied`, () => {
    const made = pieces(kind)
    const { port1, port2 } = new MessageChannel()
    const whole = Buffer.concat(made).toString()
    port1.postMessage(
      made,
      made.map(({ buffer }) => buffer),
    )
    assert.ok(made.every(({ byteLength }) => byteLength === 0))
    const received: Uint8Array[] = receiveMessageOnPort(port2)?.message
    port1.close()
    assert.equal(Buffer.concat(received).toString(), whole)
  })

  test(`${kind}: problems are not reported again`, () => {
    const odd = input(state([framework('m', task({ name: 'x'.repeat(64) }))]))
    for (const _ of listing(kind, odd, CONFIG, SERIAL));
    assert.deepEqual(odd.report.problems, [])
  })
}

test('a short document is one piece with a buffer of its own', () => {
  const [piece, ...more] = listing('enumerate', input(state([])), CONFIG, SERIAL)
  assert.deepEqual(more, [])
  assert.equal(piece?.buffer.byteLength, piece?.byteLength)
})
