import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { Config } from '../../src/config/index.ts'
import { Random } from '../../src/demo/random.ts'
import { MesosNsError } from '../../src/errors.ts'
import { AskingClient } from '../app/asking-client.ts'
import { eventually } from '../eventually.ts'
import { askAll, axfrDifferences, differences, messageOf, questionsOf } from './exact.ts'
import { Faults } from './faults.ts'
import { History } from './history.ts'
import { judge, type Question } from './judge.ts'
import { ClusterLife } from './life.ts'
import { Questions } from './questions.ts'
import { formatLine, Replies, type Reply } from './reply.ts'
import { type Resources, resources } from './resources.ts'
import { Staleness } from './staleness.ts'
import { Threads } from './threads.ts'
import { recordsOf, Truth } from './truth.ts'
import { TtlTerms } from './ttl-terms.ts'
import { UNNOTICED_SECONDS, type World } from './world.ts'

const APEX = 'mesos.'
const CLIENTS = 8
/** How many queries may be asked for each step. */
const QUERIES = 12
/** Of a machine with much else to do. */
const MARGIN_SECONDS = 10
/** A wrong answer comes with so many of the last steps. */
const SHOWN_STEPS = 60
/** Seconds that a new leader is given: longer than any round. */
const HOLD = 600
/**
 * Either nothing that is missing is doubted, so that what a new leader has not heard of yet is kept for that reason
 * alone, or everything is, as long as a master may lie.
 */
const GUARD = {
  off: { shrinkThreshold: 100 },
  on: { shrinkThreshold: 50, shrinkConfirmations: 100 },
} as const
/** Differs enough to have everything that follows the cluster made anew. */
const ANOTHER_AUDIT = 1.01
/** Between two looks at whether all is right again, and until it has to be: far longer than any machine needs. */
const LOOK_MS = 50
const PATIENCE_MS = 45_000

/** What may happen in a round besides what happens in every cluster. */
export interface RoundOptions {
  /** Of a hundred steps. */
  readonly faults: number
  /** Whether masters lie. */
  readonly lies: boolean
  /** How changes are learned at first. */
  readonly updates: Config['updates']
}

export interface Tally {
  steps: number
  rounds: number
  /** Rounds that began while the event stream was followed. */
  streamed: number
  replies: number
  /** Replies that could only be one, every record in them and every one not. */
  certain: number
}

/** Drives a world through steps, with clients that ask all the time and a model that says what they may be told. */
export class Chaos {
  readonly tally: Tally = { steps: 0, rounds: 0, streamed: 0, replies: 0, certain: 0 }
  readonly wrong: string[] = []
  readonly #world: World
  readonly #random: Random
  readonly #history = new History()
  readonly #questions: Questions
  readonly #staleness: Staleness
  readonly #ttls: TtlTerms
  readonly #life: ClusterLife
  readonly #threads: Threads
  readonly #faults: Faults
  readonly #client: AskingClient<Question>
  readonly #replies = new Replies()
  readonly #log: string[] = []
  #leastSerial = 0
  readonly #begun = performance.now()

  constructor(world: World, seed: number, workers: readonly Worker[]) {
    this.#world = world
    this.#random = new Random(seed)
    const { cluster, server } = world
    const now = () => this.#now()
    const addresses = world.masters.map(({ address }) => address)
    new Truth({ cluster, masters: addresses, config: world.config, history: this.#history, now })
    // Not of the same seed: how much clients ask depends on the machine, and must not change the steps.
    this.#questions = new Questions(APEX, this.#history, new Random(seed + 1))
    this.#staleness = new Staleness((UNNOTICED_SECONDS + MARGIN_SECONDS) * 1000, now())
    this.#ttls = new TtlTerms(world.config.ttl)
    this.#life = new ClusterLife(cluster, this.#random)
    this.#threads = new Threads(server, workers)
    this.#faults = new Faults({
      world,
      threads: this.#threads,
      random: this.#random,
      onReload: (result, ttl) => void this.#ttls.reload(result, ttl, now),
    })
    this.#client = new AskingClient({
      port: this.#port,
      sockets: CLIENTS,
      next: () => this.#next(),
      now,
      onReply: (reply, { question, since }) =>
        this.#check(this.#replies.read(reply), question, since),
    })
  }

  /** What was held of the system each time that all was right. */
  readonly held: Resources[] = []

  /** Threads that were killed. */
  get killed(): { readonly state: number; readonly query: number } {
    return this.#threads.killed
  }

  /** A round: some steps, then all is healed, and everything has to be right. */
  async round(steps: number, { faults, lies, updates }: RoundOptions): Promise<void> {
    await this.#reload({ ...GUARD[lies ? 'on' : 'off'], updates })
    await this.#stream()
    this.#faults.mayLie = lies
    this.#staleness.settled(this.#now())
    this.tally.rounds++
    this.#note(
      `round ${this.tally.rounds}, ${steps} steps, ${faults} % faults, lies: ${lies}, updates: ${updates}`,
    )
    for (let step = 0; step < steps && this.wrong.length === 0; step++) {
      void this.#client.allow(QUERIES)
      await this.#step(faults)
      this.tally.steps++
    }
    await this.#settle()
  }

  close(): void {
    this.#client.close()
  }

  async #step(faults: number): Promise<void> {
    const dice = this.#random.below(100)
    if (dice < faults) {
      this.#staleness.disturbed(this.#now())
      this.#note(`! ${await this.#faults.step()}`)
    } else if (dice < faults + 15) {
      const what = this.#life.recover()
      if (what !== undefined) this.#note(what)
    } else {
      this.#note(this.#life.step())
    }
    await sleep(this.#random.below(8) === 0 ? 30 : 5)
  }

  async #settle(): Promise<void> {
    this.#note('heal')
    await this.#faults.heal()
    this.#life.heal()
    // Nobody tells a new leader, and so us, that a framework was removed that it has never heard of.
    const hold = this.#life.takeRemovedFrameworks() > 0 && this.#staleness.isDisturbed ? 0 : HOLD
    await this.#reload({ failoverHoldSeconds: hold })
    const differs = await this.#untilRight()
    if (differs.length > 0) {
      this.#blame(`not right after all was healed:\n  ${differs.slice(0, 8).join('\n  ')}`)
      return
    }
    await this.#reload({ failoverHoldSeconds: HOLD })
    this.#note('all is right')
    this.#forgetCompleted()
    this.held.push(resources())
    const now = this.#now()
    this.#staleness.settled(now)
    this.#history.prune(now)
    this.#questions.settled()
  }

  /** Masters remember few; here all of them would make states grow without end. */
  #forgetCompleted(): void {
    const { completedFrameworks, frameworks } = this.#world.cluster
    completedFrameworks.length = 0
    for (const { completed } of frameworks) completed.length = 0
  }

  /** While a state thread is being replaced it cannot be; whoever asks then is told to ask again. */
  async #reload(change: Partial<Config>): Promise<void> {
    await this.#ttls.settled()
    const { server } = this.#world
    const config = { ...this.#world.config, ...change }
    this.#world.config = config
    await eventually('the configuration is in effect', async () => {
      const result = server.reload('signal')
      await this.#ttls.reload(result, config.ttl, () => this.#now())
      const { error } = await result
      if (error === undefined) return true
      if (error instanceof MesosNsError && error.code === 'MESOS_NS_THREAD') return false
      throw error
    })
  }

  /** A stream that has failed often is tried again later and later; whoever begins anew tries at once. */
  async #stream(): Promise<void> {
    const { server, config } = this.#world
    if (config.updates === 'poll') return
    const isConnected = () => server.status().follow?.stream.state === 'connected'
    if (!isConnected()) {
      await this.#reload({ auditSeconds: config.auditSeconds === 1 ? ANOTHER_AUDIT : 1 })
      await eventually('the event stream is followed', isConnected)
    }
    this.tally.streamed++
  }

  async #untilRight(): Promise<string[]> {
    const begun = this.#now()
    for (;;) {
      await this.#world.server.refresh()
      const differs = await this.#differences()
      const isLate = this.#now() - begun > PATIENCE_MS
      if (differs.length === 0 || isLate || this.wrong.length > 0) return differs
      await sleep(LOOK_MS)
    }
  }

  async #differences(): Promise<string[]> {
    const { cluster, election, config, server } = this.#world
    const records = recordsOf(cluster, election.addresses, config)
    const questions = questionsOf(records, this.#questions.former)
    const replies = await askAll(this.#port, questions)
    const asked = questions.map((question, i) => ({ question, reply: replies[i] as Reply }))
    const differs = differences(records, config, asked)
    if (differs.length > 0) return differs
    const [soa] = await askAll(this.#port, [{ name: APEX, type: 'SOA' }])
    const serial = Number(soa?.answers[0]?.rdata.split(' ')[2])
    if (serial < this.#leastSerial) this.#blame(`serial ${serial} after ${this.#leastSerial}`)
    this.#leastSerial = serial
    const response = await fetch(`http://127.0.0.1:${server.addresses.http?.port}/v1/axfr`)
    return axfrDifferences(records, await response.json())
  }

  #next(): { question: Question; message: Buffer } {
    const question = this.#questions.next()
    return { question, message: messageOf(question) }
  }

  #check(reply: Reply, question: Question, since: number): void {
    if (this.wrong.length > 0) return
    const answered = this.#now()
    const span = this.#staleness.span(since, answered)
    const terms = {
      apex: APEX,
      ttls: this.#ttls.between(since, answered),
      leastSerial: since >= this.#staleness.settledAt ? this.#leastSerial : 0,
    }
    this.tally.replies++
    const { problems, isCertain } = judge(question, reply, { history: this.#history, span, terms })
    if (isCertain) this.tally.certain++
    if (problems.length === 0) return
    const told = reply.answers.map(formatLine).join('\n  ')
    const { name, type } = question
    const claims = this.#history
      .under(name)
      .map((each) => `${each.name} ${each.type} ${each.rdata} ${each.from} to ${each.to}`)
    this.#blame(
      `${name} ${type}, asked at ${since}, answered at ${answered}, may be as it was since ${span.from}: ` +
        `${problems.join('; ')}\ntold, RCODE ${reply.rcode}:\n  ${told}\nso it was:\n  ${claims.join('\n  ')}`,
    )
  }

  #blame(text: string): void {
    const { lines } = this.#world
    const said = lines
      .slice(-40)
      .map((line) => `${line.level} ${line.message} ${JSON.stringify(line.fields).slice(0, 300)}`)
    this.wrong.push(
      `${text}\nlast steps:\n  ${this.#log.join('\n  ')}\nlast lines of the log:\n  ${said.join('\n  ')}`,
    )
  }

  #note(text: string): void {
    this.#log.push(`${Math.round(this.#now())} ${text}`)
    if (this.#log.length > SHOWN_STEPS) this.#log.shift()
  }

  get #port(): number {
    return this.#world.server.addresses.dns?.port ?? 0
  }

  #now(): number {
    return performance.now() - this.#begun
  }
}
