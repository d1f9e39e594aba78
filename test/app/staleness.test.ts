import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Staleness, type StalenessConfig } from '../../src/app/staleness.ts'
import { FRESHNESS, Freshness } from '../../src/freshness.ts'
import { recordingLog } from '../recording-log.ts'

/** In seconds; the clocks are those of the mocked timers, and the one on the wall can be set. */
function scene(t: TestContext, config: Partial<StalenessConfig> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let seconds = 0
  let wall = 1_000_000
  const freshness = new Freshness()
  const { log, lines } = recordingLog()
  const all = { staleAfter: 0, maxStale: 0, refreshSeconds: 10, ...config }
  let changes = 0
  const staleness = new Staleness({
    config: all,
    log,
    freshness,
    onChange: () => changes++,
    now: () => seconds * 1000,
    wallClock: () => (wall + seconds) * 1000,
  })
  return {
    staleness,
    config: all,
    level: () => freshness.level,
    levels: () => lines.map(({ level }) => level),
    changes: () => changes,
    confirm: (ago = 0) => staleness.confirmed((wall + seconds - ago) * 1000),
    setWall: (to: number) => {
      wall = to
    },
    pass(more: number) {
      for (let i = 0; i < more; i++) {
        seconds++
        t.mock.timers.tick(1000)
      }
    },
  }
}

test('without a first word nothing is stale', (t) => {
  const { pass, level } = scene(t, { maxStale: 60 })
  pass(1000)
  assert.equal(level(), FRESHNESS.FRESH)
})

test('stale after three times refreshSeconds, expired after maxStale, each said once', (t) => {
  const { confirm, pass, level, levels, changes } = scene(t, { maxStale: 40 })
  confirm()
  pass(29)
  assert.equal(level(), FRESHNESS.FRESH)
  pass(1)
  assert.equal(level(), FRESHNESS.STALE)
  pass(9)
  assert.equal(level(), FRESHNESS.STALE)
  pass(1)
  assert.equal(level(), FRESHNESS.EXPIRED)
  pass(100)
  confirm()
  assert.equal(level(), FRESHNESS.FRESH)
  assert.deepEqual(levels(), ['warn', 'error', 'info'])
  assert.equal(changes(), 3)
})

test('each word begins the time anew, an older one does not', (t) => {
  const { confirm, pass, level } = scene(t, { staleAfter: 5 })
  confirm()
  pass(4)
  confirm(1)
  pass(3)
  confirm(60)
  assert.equal(level(), FRESHNESS.FRESH)
  pass(1)
  assert.equal(level(), FRESHNESS.STALE)
})

test('a clock on the wall that is set makes no difference', (t) => {
  const { confirm, pass, level, setWall } = scene(t, { staleAfter: 5 })
  confirm()
  setWall(2_000_000)
  pass(4)
  assert.equal(level(), FRESHNESS.FRESH)
  setWall(0)
  pass(1)
  assert.equal(level(), FRESHNESS.STALE)
  confirm(-100)
  assert.equal(level(), FRESHNESS.FRESH)
})

test('other settings count at once', (t) => {
  const { confirm, pass, level, staleness, config } = scene(t)
  confirm()
  pass(20)
  staleness.configure({ ...config, staleAfter: 5 })
  assert.equal(level(), FRESHNESS.STALE)
  staleness.configure({ ...config, maxStale: 10 })
  assert.equal(level(), FRESHNESS.EXPIRED)
  staleness.configure(config)
  assert.equal(level(), FRESHNESS.FRESH)
  pass(10)
  assert.equal(level(), FRESHNESS.STALE)
})
