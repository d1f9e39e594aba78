// The whole server under queries while the cluster changes all the time and threads die: each reply is what one
// of the states that were there between the query and the reply comes to, with nothing of another.
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Life } from '../../src/demo/index.ts'
import { stateDocument } from '../../src/demo/state-document.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { generateRecords } from '../../src/records/generate.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { Model } from '../dns/model.ts'
import { encode } from '../dns/question.ts'
import { needsKoffi } from '../koffi.ts'
import { decode, sorted } from '../presentation.ts'
import { AskingClient } from './asking-client.ts'
import { configOf, messages, type Running, run } from './running.ts'
import { UdpClient } from './udp-client.ts'

const QUERIES = 52_000
const SOCKETS = 16
/** Queries that may be asked while a change is on its way, and once it is served. */
const QUERIES_AT_A_TIME = 300
/** After so many of the queries somebody dies: the state thread, or this query thread. */
const DEATHS = [
  { after: 0.25, thread: 'query-1' },
  { after: 0.5, thread: 'state' },
  { after: 0.75, thread: 'query-2' },
] as const

const PAYLOAD = 4096
const TYPE_NUMBER: Readonly<Record<string, number>> = TYPE
const SETTINGS = { workers: 2, ordering: 'fixed', ednsBufferSize: PAYLOAD, reverseDnsOn: true }

interface Question {
  readonly name: string
  readonly type: number
}

/** What a state of the cluster comes to. */
class State {
  readonly questions: readonly Question[]
  readonly #model: Model
  readonly #expected = new Map<Question, string>()

  constructor({ cluster, masters }: Running, settings: Readonly<Record<string, unknown>>) {
    const { leader } = cluster
    assert.ok(leader)
    const config = configOf(masters, settings)
    const report = new Report()
    const records = generateRecords({
      state: decodeState(JSON.parse(JSON.stringify(stateDocument(cluster, leader))), report),
      masters: masters.map(({ address }) => address),
      hosts: new Map(),
      listenerAddresses: config.listener,
      config,
      report,
    })
    this.questions = [...records]
      .filter(({ name }) => name === name.toLowerCase())
      .map(({ name, type }) => ({ name, type: TYPE_NUMBER[type] ?? 0 }))
    this.#model = new Model(records, config, 0)
  }

  /** RCODE, answers and glue, as text. */
  expected(question: Question): string {
    let text = this.#expected.get(question)
    if (text === undefined) {
      text = this.#answer(question)
      this.#expected.set(question, text)
    }
    return text
  }

  #answer(question: Question): string {
    const reply = this.#model.answer({ ...question, payload: PAYLOAD, transport: 'udp' })
    // Nothing is forwarded here.
    if (reply === 'forward') return textOf(RCODE.REFUSED, [], [])
    assert.ok(!reply.tc && reply.take === reply.pool.length)
    const answers = [...reply.chain, ...reply.pool]
    return textOf(reply.rcode, answers, reply.glue(reply.pool))
  }
}

function textOf(rcode: number, answers: readonly string[], glue: readonly string[]): string {
  return [rcode, ...[...answers].sort(), '--', ...[...glue].sort()].join('\n')
}

/** Replies as text; the same octets behind the id are read once. */
class Replies {
  readonly #texts = new Map<string, string>()

  text(reply: Buffer): string {
    const octets = reply.toString('latin1', 2)
    let text = this.#texts.get(octets)
    if (text === undefined) {
      const { answers, additionals } = decode(reply)
      text = textOf(reply.readUInt8(3) & 15, sorted(answers), sorted(additionals))
      this.#texts.set(octets, text)
    }
    return text
  }
}

/** The cluster changes, step by step, and clients ask; the numbers of states are the time. */
class Scene {
  readonly states: State[] = []
  readonly wrong: unknown[] = []
  /** The newest state that all query threads are known to answer from. */
  served = 0
  /** Replies of which it is known for sure which state they have to be of. */
  certain = 0
  readonly #all: Running
  readonly #settings: Readonly<Record<string, unknown>>
  readonly #life: Life
  readonly #replies = new Replies()
  readonly #client: AskingClient<Question>

  constructor(all: Running, settings: Readonly<Record<string, unknown>>) {
    this.#all = all
    this.#settings = settings
    this.#life = new Life(all, 3)
    this.states.push(new State(all, settings))
    this.#client = new AskingClient({
      port: all.dnsPort,
      sockets: SOCKETS,
      next: () => this.#next(),
      now: () => this.served,
      onReply: (reply, { question, since }) =>
        this.#check(this.#replies.text(reply), question, since),
    })
  }

  get replies(): number {
    return this.#client.replies
  }

  close(): void {
    this.#client.close()
  }

  /** Something happens in the cluster. */
  change(): void {
    this.#life.step()
    this.states.push(new State(this.#all, this.#settings))
    void this.#client.allow(QUERIES_AT_A_TIME)
  }

  /** The change is served, by all threads. */
  async serve(): Promise<void> {
    const newest = this.states.length - 1
    await this.#all.server.refresh()
    this.served = newest
    await this.#client.allow(QUERIES_AT_A_TIME)
  }

  /** What there is, or what there was some steps ago, and now and then what there never was. */
  #next(): { question: Question; message: Buffer } {
    const { states } = this
    const state = states[Math.max(0, states.length - 1 - below(4))] as State
    const asked = state.questions[below(state.questions.length)] as Question
    const question = below(10) === 0 ? { ...asked, type: TYPE.TXT } : asked
    return { question, message: encode({ ...question, edns: { payload: PAYLOAD } }) }
  }

  #check(text: string, question: Question, since: number): void {
    const possible = this.states.slice(since)
    if (possible.length === 1) this.certain++
    if (possible.some((state) => state.expected(question) === text)) return
    const expected = possible.map((state) => state.expected(question))
    if (this.wrong.length < 10) this.wrong.push({ question, text, expected })
  }
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit)
}

async function serialOf(client: UdpClient): Promise<number> {
  const [soa] = (await client.ask('mesos', 'SOA')).answers ?? []
  return soa?.type === 'SOA' ? (soa.data.serial ?? 0) : 0
}

/** Ends a thread; resolves when its replacement does its work. */
async function replaced(all: Running, index: number): Promise<void> {
  const count = () => messages(all.lines).filter((message) => message === 'thread replaced').length
  const before = count()
  await all.workers[index]?.terminate()
  while (count() === before) await sleep(5)
}

async function live(t: TestContext, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const all = await run(t, settings)
  const scene = new Scene(all, settings)
  const client = new UdpClient(all.dnsPort)
  t.after(() => {
    scene.close()
    client.close()
  })
  const indexes: Record<string, number> = { state: 0, 'query-1': 1, 'query-2': 2 }
  const deaths = [...DEATHS]
  let serial = await serialOf(client)
  while (scene.replies < QUERIES && scene.wrong.length === 0) {
    const [death] = deaths
    scene.change()
    if (death !== undefined && scene.replies >= death.after * QUERIES) {
      deaths.shift()
      // In the midst of taking the change in, and of answering.
      const refreshed = all.server.refresh()
      const dead = replaced(all, indexes[death.thread] ?? 0)
      indexes[death.thread] = all.workers.length
      await Promise.all([refreshed, dead])
    }
    await scene.serve()
    const next = await serialOf(client)
    if (next < serial) scene.wrong.push({ serial: next, before: serial })
    serial = next
  }
  scene.close()
  assert.deepEqual(scene.wrong, [])
  t.diagnostic(`${scene.replies} replies, ${scene.certain} certain, ${scene.states.length} states`)
  assert.ok(scene.certain > scene.replies / 4, 'the state is often known for sure')
  assert.deepEqual(all.server.restarts(), { state: 1, query: 2 })
  const faults = messages(all.lines).filter((message) => message.includes('could not be'))
  assert.deepEqual(faults, [])
}

// Without koffi there is one query thread, whose sockets die with it.
describe('while the cluster changes and threads die', needsKoffi(), () => {
  for (const udp of ['batch', 'dgram'] as const) {
    test(`every reply is of one state, and of none that is past (${udp})`, (t) =>
      live(t, { ...SETTINGS, udp }))
  }
})
