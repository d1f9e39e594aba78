import type { SimulatedAgent, SimulatedTask } from './model.ts'
import { Random } from './random.ts'
import type { App, DemoScenario } from './scenarios.ts'

/** Bounds that keep every name of the demo in the zone, and its table short. */
const FEWEST_INSTANCES = 1
const MOST_INSTANCES = 6

/**
 * Makes things happen in a scenario, one at a time: apps are scaled, tasks move, fail and are started
 * again, jobs run and finish, health flips, agents are lost and come back, the leader changes. The
 * same seed gives the same life.
 */
export class Life {
  readonly #scenario: DemoScenario
  readonly #random: Random
  /** What an earlier step has begun and a later one must end. */
  readonly #pending: (() => void)[] = []

  constructor(scenario: DemoScenario, seed = 1) {
    this.#scenario = scenario
    this.#random = new Random(seed)
  }

  /** Lets the next thing happen. */
  step(): void {
    const pending = this.#pending.shift()
    const dice = this.#random.below(100)
    if (pending !== undefined) pending()
    else if (dice < 30) this.#scale()
    else if (dice < 45) this.#move()
    else if (dice < 60) this.#fail()
    else if (dice < 80) this.#runJob()
    else if (dice < 90) this.#flipHealth()
    else if (dice < 97) this.#loseAgent()
    else this.#scenario.cluster.failOver()
  }

  #scale(): void {
    const app = this.#service()
    const running = this.#tasks(app).length
    const grows =
      running <= FEWEST_INSTANCES || (running < MOST_INSTANCES && this.#random.below(2) === 0)
    this.#scenario.cluster.scale(app.framework, app.spec, running + (grows ? 1 : -1))
  }

  #move(): void {
    const task = this.#task()
    if (task !== undefined) this.#scenario.cluster.move(task)
  }

  /** A task fails; its scheduler starts another one a step later. */
  #fail(): void {
    const task = this.#task()
    if (task === undefined) return
    const { framework, spec } = task
    this.#scenario.cluster.fail(task)
    this.#pending.push(() => this.#scenario.cluster.launch(framework, spec))
  }

  #runJob(): void {
    const { cluster, jobs } = this.#scenario
    const job = this.#random.pick(jobs)
    if (job === undefined) return
    const task = cluster.launch(job.framework, job.spec, { state: 'TASK_STARTING' })
    this.#pending.push(
      () => cluster.update(task, 'TASK_RUNNING'),
      () => cluster.finish(task),
    )
  }

  #flipHealth(): void {
    const { cluster } = this.#scenario
    const task = this.#task((candidate) => candidate.spec.hasHealthCheck === true)
    if (task === undefined) return
    cluster.setHealth(task, false)
    this.#pending.push(() => {
      if (task.state === 'TASK_RUNNING') cluster.setHealth(task, true)
    })
  }

  #loseAgent(): void {
    const { cluster } = this.#scenario
    const agent = this.#random.pick([...cluster.agents].filter(isSpare))
    if (agent === undefined) return
    cluster.loseAgent(agent)
    this.#pending.push(() => cluster.returnAgent(agent))
  }

  /** Any service. */
  #service(): App {
    const app = this.#random.pick(this.#scenario.services)
    if (app === undefined) throw new RangeError('the scenario has no services')
    return app
  }

  /** A running task that is not the last of its service. */
  #task(fits: (task: SimulatedTask) => boolean = () => true): SimulatedTask | undefined {
    const { services } = this.#scenario
    return this.#random.pick(
      services
        .map((app) => this.#tasks(app))
        .filter((tasks) => tasks.length > FEWEST_INSTANCES)
        .flat()
        .filter(fits),
    )
  }

  #tasks({ framework, spec }: App): SimulatedTask[] {
    return this.#scenario.cluster.tasksOf(framework, spec)
  }
}

/** An agent whose loss leaves every app a task elsewhere. */
function isSpare(agent: SimulatedAgent): boolean {
  return [...agent.tasks].every((task) =>
    [...task.framework.tasks].some((other) => other.spec === task.spec && other.agent !== agent),
  )
}

/** Lets something happen every `everyMs` (default 3000) until the function it returns is called. */
export function startLife(
  scenario: DemoScenario,
  { everyMs = 3000, seed = 1 }: { readonly everyMs?: number; readonly seed?: number } = {},
): () => void {
  const life = new Life(scenario, seed)
  const timer = setInterval(() => life.step(), everyMs)
  return () => clearInterval(timer)
}
