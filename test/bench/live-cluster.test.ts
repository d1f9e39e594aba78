import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonicNow, startLiveCluster } from '../../bench/cluster/live-cluster.ts'

test('a cluster in another process changes when told to, and says when', async (t) => {
  const cluster = await startLiveCluster(20)
  t.after(() => cluster.stop())
  const names = async () => {
    const response = await fetch(`http://${cluster.address}/state`)
    const state = (await response.json()) as { frameworks: { tasks: { name: string }[] }[] }
    return state.frameworks.flatMap(({ tasks }) => tasks.map(({ name }) => name))
  }
  const before = await names()
  const begun = monotonicNow()
  const [first = 0, last = 0] = await cluster.launch(['a', 'b'])
  assert.ok(begun <= first && first <= last && last <= monotonicNow())
  assert.deepEqual((await names()).toSorted(), ['a', 'b', ...before].toSorted())
  await cluster.kill(['a'])
  assert.equal((await names()).length, before.length + 1)
  const fetches = await cluster.fetches()
  assert.equal(fetches.length, 3)
  for (const fetched of fetches) assert.ok(fetched.begun <= fetched.ended)
  assert.deepEqual(await cluster.fetches(), [])
})
