import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingPrograms } from '../../bench/programs.ts'

test('missing programs are named once, with the packages to install', () => {
  const find = (name: string) => (name === 'nsd' ? '/usr/sbin/nsd' : undefined)
  assert.equal(
    missingPrograms(['nsd', 'cc', 'knotd', 'cc'], find),
    'cc, knotd not found: apt-get install gcc libc6-dev knot',
  )
  assert.equal(missingPrograms(['nsd'], find), undefined)
  assert.equal(missingPrograms([]), undefined)
})
