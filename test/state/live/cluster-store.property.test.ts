// Whatever happens to a cluster, in whatever order its states and events arrive: nothing is lost on
// the way, and in the end the store knows what the master knows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ClusterEvent } from '../../../src/state/cluster-event.ts'
import type { FullState } from '../../../src/state/full-state.ts'
import type { PollWindow } from '../../../src/state/live/index.ts'
import { isGone } from '../../../src/state/live/task-life.ts'
import type { ClusterState } from '../../../src/state/model.ts'
import { endpoint } from '../../records/cluster.ts'
import { ModelCluster } from './model-cluster.ts'
import { ClockedStore, settings } from './setup.ts'

const HOLD_MS = settings.failoverHoldSeconds * 1000

/** Every object by a name that says what it is. */
function objectsIn(state: ClusterState | undefined): Map<string, object> {
  const objects = new Map<string, object>()
  for (const [id, agent] of state?.agents ?? []) objects.set(`agent ${id}`, agent)
  for (const framework of state?.frameworks ?? []) {
    objects.set(`framework ${framework.id}`, framework)
    for (const task of framework.tasks) objects.set(`task ${framework.id}/${task.id}`, task)
  }
  return objects
}

class Follower {
  readonly model = new ModelCluster()
  readonly store: ClockedStore
  readonly #polls: { window: PollWindow; answer: FullState | undefined }[] = []
  /** Objects that are real and that the store has known since they are. */
  #known = new Set<string>()
  #wasReal = new Set<string>()
  /**
   * Objects that were gone and came again, while what is on its way may still tell that they are
   * gone.
   */
  readonly #again = new Set<string>()
  /** When the store first heard of the leader of now. */
  #heardAt: number | undefined

  constructor(shrinkThreshold: number) {
    this.store = new ClockedStore({ shrinkThreshold })
    const { model } = this
    for (let i = 0; i < 3; i++) model.addAgent()
    for (let i = 0; i < 2; i++) model.addFramework(endpoint('10.1.1.1:8080'))
    for (let i = 0; i < 8; i++) this.#launch(i, i)
    this.#adopt(model.state(), undefined)
  }

  /** Does one thing, chosen by a number, to an object chosen by others. */
  step(what: number, a: number, b: number): void {
    const { model, store } = this
    const steps: readonly (() => void)[] = [
      () => this.#asLeader(() => model.addAgent()),
      () =>
        this.#asLeader(() =>
          model.addFramework(a % 2 === 0 ? endpoint('10.1.1.1:8080') : undefined),
        ),
      ...Array.from({ length: 4 }, () => () => this.#launch(a, b)),
      ...Array.from(
        { length: 6 },
        () => () => pick([...model.tasks.keys()], a, (key) => model.progress(key)),
      ),
      () => pick([...model.tasks.keys()], a, (key) => model.moveSilently(key)),
      () => pick([...model.tasks.keys()], a, (key) => model.end(key)),
      () => pick(model.hereIds, a, (id) => model.removeAgent(id)),
      () => pick(model.hereIds, a, (id) => model.loseAgent(id)),
      () => pick(model.lostIds, a, (id) => model.findAgent(id)),
      ...Array.from({ length: 3 }, () => () => this.#welcome(a)),
      () => pick([...model.awayIds, ...model.lostIds], a, (id) => model.forgetAgent(id)),
      () => this.#asLeader(() => this.#subscribe(a, b)),
      () =>
        pick(
          [...model.frameworks.values()].filter(({ isListed }) => isListed),
          a,
          ({ id }) => model.removeFramework(id),
        ),
      () => {
        if (a % 3 === 0) this.#failOver()
      },
      () => {
        model.registryIsKnown = true
      },
      () => this.#connect(),
      () => this.#disconnect(),
      // Whoever says so may be wrong.
      () => store.expectAnotherLeader(),
      ...Array.from({ length: 4 }, () => () => this.#deliver(1 + (a % 6))),
      () => {
        this.#polls.push({ window: store.begin(), answer: undefined })
      },
      () =>
        pick(this.#polls, a, (poll) => {
          poll.answer = model.state()
        }),
      ...Array.from({ length: 2 }, () => () => pick(this.#polls, a, (poll) => this.#receive(poll))),
      () => pick(this.#polls, a, (poll) => this.#drop(poll)),
      () => this.#wait((a % 200) * 1000),
      () => this.#hear(() => store.sweep()),
      () => this.#hear(() => store.settle()),
    ]
    steps[what % steps.length]?.()
    this.#checkNothingIsLost()
  }

  /** What the store knows once everything has been said and all time has passed. */
  finish(): void {
    const { model, store } = this
    this.#deliver(Number.POSITIVE_INFINITY)
    this.#checkNothingIsLost()
    for (const id of model.awayIds) model.forgetAgent(id)
    model.registryIsKnown = true
    store.adopt(model.state(), store.begin())
    store.clock.ms += HOLD_MS
    store.sweep()
    for (let confirmations = 0; confirmations < 2; confirmations++) {
      store.adopt(model.state(), store.begin())
    }
    const { state } = model.state()
    assert.deepEqual(normal(store.state), normal(state))
    assert.equal(store.nextSweepAt, undefined)
    assert.deepEqual(store.guard.held, { agents: 0, frameworks: 0, tasks: 0 })
    const full = model.state()
    store.isStreaming = false
    store.adopt({ ...full, state: store.state ?? full.state })
    store.adopt(full)
    assert.equal(store.state, full.state)
    const { drift, lost, doubted } = store.adopt(full)
    assert.deepEqual({ drift, lost, doubted }, { drift: 0, lost: 0, doubted: false })
  }

  /** Nothing is given up but while the stream is followed, and what was sent before comes first. */
  #hear(giveUp: () => boolean): void {
    this.#deliver(Number.POSITIVE_INFINITY)
    if (this.model.stream !== undefined) this.#reports(giveUp)
  }

  /** Events are not so late. */
  #wait(ms: number): void {
    this.#deliver(Number.POSITIVE_INFINITY)
    this.store.clock.ms += ms
  }

  #launch(a: number, b: number): void {
    const { model } = this
    const frameworks = [...model.frameworks.values()].filter(({ isSubscribed }) => isSubscribed)
    pick(frameworks, a, ({ id }) =>
      pick(model.hereIds, b, (agent) => model.launch(id, agent, `t${(a + b) % 7}`)),
    )
  }

  #welcome(a: number): void {
    const { model } = this
    this.#asLeader(() => pick(model.awayIds, a, (id) => model.welcomeAgent(id)))
  }

  #subscribe(a: number, b: number): void {
    const { model } = this
    pick([...model.frameworks.values()], a, ({ id, pid, hostname, isListed }) => {
      const moves = isListed && b % 2 === 0
      if (moves) model.subscribe(id, endpoint(`10.1.1.2:${1000 + b}`), `${b}.example`)
      else model.subscribe(id, pid, hostname)
    })
  }

  /** Nobody can register with a master that does not know its registry. */
  #asLeader(register: () => void): void {
    if (this.model.registryIsKnown) register()
  }

  #failOver(): void {
    this.model.failOver()
    for (const poll of [...this.#polls]) this.#drop(poll)
    this.store.isStreaming = false
    this.store.expectAnotherLeader()
    this.#heardAt = undefined
  }

  /** A leader gives no stream before it has its registry. */
  #connect(): void {
    const { model, store } = this
    if (!model.registryIsKnown) return
    model.stream = []
    store.isStreaming = true
    this.#adopt(model.v1State(), undefined)
  }

  /** What was on its way does not come. */
  #disconnect(): void {
    this.model.stream = undefined
    this.store.isStreaming = false
  }

  #deliver(count: number): void {
    const { stream } = this.model
    for (const event of stream?.splice(0, count) ?? []) {
      this.#reports(() => this.store.apply(event).changed)
    }
  }

  #receive(poll: { window: PollWindow; answer: FullState | undefined }): void {
    if (poll.answer === undefined) return
    this.#polls.splice(this.#polls.indexOf(poll), 1)
    this.#adopt(poll.answer, poll.window)
  }

  #drop(poll: { window: PollWindow }): void {
    this.store.cancel(poll.window)
    this.#polls.splice(
      this.#polls.findIndex(({ window }) => window === poll.window),
      1,
    )
  }

  #adopt(full: FullState, window: PollWindow | undefined): void {
    if (!window?.isSuperseded) this.#heardAt ??= this.store.clock.ms
    this.#reports(() => this.store.adopt(full, window).changed)
  }

  /**
   * Does one thing to the store. The state is another object if, and only if, something is said to
   * have changed, and in it everything else is as it was; the state before is what it was.
   */
  #reports(change: () => boolean): void {
    const before = this.store.state
    const objects = objectsIn(before)
    const text = JSON.stringify([...objects])
    const changed = change()
    const { state } = this.store
    assert.equal(state !== before, changed)
    assert.equal(JSON.stringify([...objectsIn(before)]), text, 'a state that was seen has changed')
    for (const [name, object] of objectsIn(state)) {
      const then = objects.get(name)
      // A state that is taken as it is brings its own lists of tasks.
      if (then === undefined || then === object || name.startsWith('framework')) continue
      assert.notDeepEqual(then, object, `${name} is another object that says the same`)
    }
  }

  #checkNothingIsLost(): void {
    const now = objectsIn(this.store.state)
    const real = this.#real()
    const isOnItsWay = this.#polls.some(({ answer }) => answer !== undefined)
    // What is held may be what was there before.
    const isHeld = this.store.guard.holdUntil !== undefined
    if (!isOnItsWay && !isHeld && (this.model.stream ?? []).length === 0) this.#again.clear()
    for (const name of real) if (!this.#wasReal.has(name) && now.has(name)) this.#again.add(name)
    this.#wasReal = real
    const isBeingRemoved = this.#beingRemoved()
    const exempt = (name: string) => this.#again.has(name) || isBeingRemoved(name)
    for (const name of this.#known) {
      if (!real.has(name) || exempt(name)) this.#known.delete(name)
      else if (!now.has(name)) {
        assert.ok(this.#holdIsOver(name), `${name} is lost`)
        this.#known.delete(name)
      }
    }
    for (const name of real) if (now.has(name) && !exempt(name)) this.#known.add(name)
  }

  /** All that exists, whatever the master knows of it. */
  #real(): Set<string> {
    const { model } = this
    const lost = new Set(model.lostIds)
    const names = new Set<string>()
    for (const id of model.agents.keys()) if (!lost.has(id)) names.add(`agent ${id}`)
    for (const id of model.frameworks.keys()) names.add(`framework ${id}`)
    for (const [key, { task }] of model.tasks) if (!lost.has(task.agentId)) names.add(`task ${key}`)
    return names
  }

  /** What a new leader has not told of by its deadline need not be kept. */
  #holdIsOver(name: string): boolean {
    const isTold = objectsIn(this.model.state().state).has(name)
    return !isTold && this.#heardAt !== undefined && this.store.clock.ms >= this.#heardAt + HOLD_MS
  }

  /** Names of which the stream still has to tell that they went: they may have come again since. */
  #beingRemoved(): (name: string) => boolean {
    const { model } = this
    const known = objectsIn(this.store.state)
    const agents = new Set<string>()
    const names = new Set<string>()
    for (const event of model.stream ?? []) noteRemoval(event, agents, names)
    return (name) => {
      const agentId = agentOf(model.tasks.get(name.replace('task ', ''))?.task)
      const knownAgentId = agentOf(known.get(name))
      return (
        names.has(name) ||
        agents.has(name.replace('agent ', '')) ||
        agents.has(agentId) ||
        agents.has(knownAgentId) ||
        // The store knows an earlier task of this name.
        (knownAgentId !== '' && knownAgentId !== agentId)
      )
    }
  }
}

/** Of a task; '' of anything else. */
function agentOf(object: object | undefined): string {
  return object !== undefined && 'agentId' in object ? String(object.agentId) : ''
}

function noteRemoval(event: ClusterEvent, agents: Set<string>, names: Set<string>): void {
  if (event.kind === 'agent-removed') agents.add(event.agentId)
  if (event.kind !== 'task-updated' || !isGone(event.state)) return
  names.add(`task ${event.frameworkId}/${event.taskId}`)
  if (event.removedAgentId !== undefined) names.add(`agent ${event.removedAgentId}`)
}

function pick<T>(from: readonly T[], n: number, use: (item: T) => void): void {
  const item = from[n % from.length]
  if (item !== undefined) use(item)
}

/** The same for two states that say the same in another order. */
function normal(state: ClusterState | undefined) {
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  return {
    leader: state?.leader,
    agents: [...(state?.agents.values() ?? [])].sort(byId),
    frameworks: state?.frameworks
      .map((framework) => ({ ...framework, tasks: framework.tasks.toSorted(byId) }))
      .sort(byId),
  }
}

test('random clusters, followed by polls and events, through failovers', () => {
  const someStep = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000))
  fc.assert(
    fc.property(
      fc.array(someStep, { minLength: 20, maxLength: 150, size: 'max' }),
      fc.constantFrom(50, 100),
      (steps, shrinkThreshold) => {
        const follower = new Follower(shrinkThreshold)
        for (const [what, a, b] of steps) follower.step(what, a, b)
        follower.finish()
      },
    ),
    { numRuns: 1_000 },
  )
})
