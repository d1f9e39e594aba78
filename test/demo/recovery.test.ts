import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClusterChange, demoScenario, recoverSlowly } from '../../src/demo/index.ts'

test('a leader that recovers slowly knows everybody in the end, agents before frameworks', async () => {
  const { cluster } = demoScenario({ seed: 1 })
  cluster.failOver({ recovery: 'slow' })
  const kinds: ClusterChange['kind'][] = []
  cluster.onChange(({ kind }) => kinds.push(kind))
  await recoverSlowly(cluster, { registryMs: 1, eachMs: 0 })
  assert.equal(kinds[0], 'registry-recovered')
  assert.deepEqual(
    kinds.filter((kind) => kind === 'agent-registered' || kind === 'framework-subscribed'),
    [...Array(5).fill('agent-registered'), ...Array(3).fill('framework-subscribed')],
  )
  for (const { status } of cluster.agents) assert.equal(status, 'registered')
  for (const { status } of cluster.frameworks) assert.equal(status, 'connected')
})

test('a recovery can be broken off', async () => {
  const { cluster } = demoScenario({ seed: 1 })
  cluster.failOver({ recovery: 'slow' })
  const controller = new AbortController()
  const recovering = recoverSlowly(cluster, { registryMs: 60_000, signal: controller.signal })
  controller.abort()
  await assert.rejects(recovering, { name: 'AbortError' })
  assert.equal(cluster.registryRecovered, false)
})
