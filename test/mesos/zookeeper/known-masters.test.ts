import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KnownMasters,
  learn,
  sameMasters,
  shortcomingOf,
} from '../../../src/mesos/detect/zookeeper/known-masters.ts'
import type {
  Election,
  Master,
  OddZnode,
} from '../../../src/mesos/detect/zookeeper/read-masters.ts'
import { formatHostPort, parseHostPort } from '../../../src/net/address.ts'

function address(text: string) {
  const parsed = parseHostPort(text)
  assert.ok(parsed)
  return parsed
}

function known(leader: string, ...masters: string[]): KnownMasters {
  return { leader: leader === '' ? undefined : address(leader), masters: masters.map(address) }
}

const show = ({ leader, masters }: KnownMasters) =>
  `${leader ? formatHostPort(leader) : '-'} of ${masters.map(formatHostPort).join(' ')}`

const candidate = { znode: 'json.info_0000000001', sequence: 1, format: 'json' } as const
const master = (text: string): Master => ({
  ...candidate,
  info: { id: '', hostname: '', version: '', address: address(text) },
})
const odd: OddZnode = { ...candidate, reason: 'no IP address' }

function election(leader: Election['leader'], ...masters: string[]): Election {
  return {
    leader,
    masters: masters.map(address),
    odd: leader !== undefined && 'reason' in leader ? [leader] : [],
  }
}

test('what is known after an election was read', () => {
  const before = known('a:1', 'a:1', 'b:1')
  const table: [string, KnownMasters, Election, string][] = [
    ['a leader', known(''), election(master('a:1'), 'a:1', 'b:1'), 'a:1 of a:1 b:1'],
    ['another one', before, election(master('b:1'), 'b:1', 'c:1'), 'b:1 of b:1 c:1'],
    ['nobody', before, election(undefined), 'a:1 of a:1 b:1'],
    ['nobody ever', known(''), election(undefined), '- of '],
    ['odd leader', before, election(odd, 'b:1', 'a:1'), 'a:1 of b:1 a:1'],
    ['odd leader, last one gone', before, election(odd, 'b:1', 'c:1'), 'a:1 of a:1 b:1 c:1'],
    ['odd leader, none known', known(''), election(odd, 'b:1'), '- of b:1'],
    ['only odd ones', before, election(odd), 'a:1 of a:1 b:1'],
  ]
  for (const [name, state, read, expected] of table) {
    assert.equal(show(learn(state, read)), expected, name)
  }
})

test('order and leader make a difference, identity does not', () => {
  assert.ok(sameMasters(known('a:1', 'a:1', 'b:1'), known('a:1', 'a:1', 'b:1')))
  assert.ok(!sameMasters(known('a:1', 'a:1', 'b:1'), known('a:1', 'b:1', 'a:1')))
  assert.ok(!sameMasters(known('a:1', 'a:1', 'b:1'), known('b:1', 'a:1', 'b:1')))
  assert.ok(!sameMasters(known('', 'a:1'), known('a:1', 'a:1')))
  assert.ok(!sameMasters(known('', 'a:1'), known('a:1')))
})

test('what is wrong is said in one line', () => {
  assert.equal(shortcomingOf(election(master('a:1'), 'a:1'), '/mesos'), undefined)
  assert.equal(
    shortcomingOf(election(undefined), '/mesos'),
    'no master stands for election at /mesos',
  )
  assert.equal(
    shortcomingOf(election(odd, 'b:1'), '/mesos'),
    'cannot tell the leader at /mesos, its znode is odd: json.info_0000000001 (no IP address)',
  )
  assert.equal(
    shortcomingOf({ ...election(master('a:1'), 'a:1'), odd: [odd] }, '/mesos'),
    'left out odd znodes at /mesos: json.info_0000000001 (no IP address)',
  )
})
