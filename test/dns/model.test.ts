import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '../../src/config/schema.ts'
import { FORWARD } from '../../src/dns/answer.ts'
import { type Random32, xoshiro128 } from '../../src/dns/ordering.ts'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { defaultConfig } from '../config.ts'
import { decode, presentation, recordSet } from '../presentation.ts'
import { Model, type ModelQuery } from './model.ts'
import { answererOf, ask, encode, header, SERIAL } from './question.ts'

const SEEDS = Number(process.env.MODEL_SEEDS ?? 150)
const FIRST_SEED = Number(process.env.MODEL_FIRST_SEED ?? 1)
const QUERIES = 60

const LABELS = ['a', 'b', 'web', '_tcp', 'x-1', 'long'.repeat(15), '*', 'b*']
const DOMAINS = ['mesos', 'a', 'web.a', 'mesos.mesos', `${'d'.repeat(63)}.${'e'.repeat(50)}`]
const TYPES = [TYPE.A, TYPE.AAAA, TYPE.SRV, TYPE.CNAME, TYPE.TXT, TYPE.PTR, TYPE.NS, TYPE.SOA]
const ASKED = [...TYPES, ...TYPES, TYPE.ANY, TYPE.MX, TYPE.DS, TYPE.DNSKEY, TYPE.HTTPS, 0xfffe]

/** Random choices from one seed. */
class Dice {
  readonly #random: Random32

  constructor(seed: number) {
    this.#random = xoshiro128(Uint32Array.of(seed, 0x9e3779b9, seed ^ 0x5bd1e995, 1))
    for (let i = 0; i < 20; i++) this.#random()
  }

  below(limit: number): number {
    return Math.floor(((this.#random() >>> 0) * limit) / 2 ** 32)
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0
  }
}

function randomConfig(dice: Dice): Config {
  const domain = dice.of(DOMAINS)
  return {
    ...defaultConfig(),
    domain,
    nsid: '',
    ttl: dice.of([0, 60, 300]),
    soaMinttl: dice.of([5, 60, 3600]),
    soaMname: dice.of([`ns1.${domain}.`, `${domain}.`, `web.${domain}.`, 'ns.example.']),
    soaRname: dice.of([
      'root.example.',
      `root.ns1.${domain}.`,
      `x.web.${domain}.`,
      `${`${'r'.repeat(60)}.`.repeat(3)}x.`,
    ]),
    ordering: dice.of(['random', 'roundrobin', 'fixed']),
    maxAnswers: dice.of([0, 0, 1, 3, 40]),
    ednsBufferSize: dice.of([512, 1232, 4096]),
    setTruncateBit: !dice.once(5),
    recurseOn: !dice.once(3),
    compat: { soaMinimumFromTtl: false, srvMissNoError: dice.once(3) },
  }
}

function randomName(dice: Dice, domain: string, stars: boolean): string {
  const labels = stars ? LABELS : LABELS.slice(0, -2)
  const name = Array.from({ length: dice.below(4) }, () => dice.of(labels))
  return `${[...name, domain].join('.')}.`.slice(-254)
}

/** Lines of records: names few enough to collide, sets from one record to more than a message holds. */
function randomRecords(dice: Dice, domain: string): string[] {
  const lines: string[] = []
  const taken = new Map<string, boolean>()
  const name = () => randomName(dice, domain, false)
  for (let sets = 5 + dice.below(25); sets > 0; sets--) {
    const owner = name()
    const count = dice.once(40) ? 500 + dice.below(700) : 1 + dice.below(dice.of([2, 10, 60]))
    const kind = dice.of(['A', 'A', 'AAAA', 'SRV', 'SRV', 'CNAME', 'TXT', 'PTR'])
    const ttl = dice.of(['-', '-', '7'])
    if (kind === 'PTR') {
      lines.push(`${dice.below(9)}.0.0.10.in-addr.arpa. ${ttl} PTR ${name()}`)
      continue
    }
    const isAlias = kind === 'CNAME'
    const before = taken.get(owner)
    const clashes = isAlias ? before !== undefined || owner === `${domain}.` : before === true
    if (clashes) continue
    taken.set(owner, isAlias)
    for (let i = 0; i < (isAlias ? 1 : count); i++) {
      const target = dice.once(6) ? `host-${i}.example.` : name()
      const rdata = {
        A: `10.${dice.below(3)}.${i >> 8}.${i & 255}`,
        AAAA: `fd00::${dice.below(3) + 1}:${(i + 1).toString(16)}`,
        SRV: `0 ${dice.below(3)} ${i} ${target}`,
        CNAME: target,
        TXT: 't'.repeat(dice.of([1, 20, 255, 256, 700])) + i,
      }[kind]
      lines.push(`${owner} ${ttl} ${kind} ${rdata}`)
    }
  }
  return lines
}

function randomQuery(dice: Dice, domain: string, lines: readonly string[]): ModelQuery {
  const known = dice.of(lines).split(' ')[0] ?? ''
  let name = dice.of([known, known, known.slice(known.indexOf('.') + 1), `sub.${known}`])
  if (dice.once(4)) name = randomName(dice, domain, true)
  if (dice.once(8)) name = name.replace('.', '.*.')
  if (dice.once(20)) name = dice.of(['www.example.', `x${name}`, '1.0.0.10.in-addr.arpa.'])
  if (dice.once(3)) name = [...name].map((c) => (dice.once(2) ? c.toUpperCase() : c)).join('')
  // What is too long or no name at all is another test's matter.
  if (name.length > 254 || /^\.|\.\.|^$/.test(name)) name = `${domain}.`
  const labels = name.split('.')
  if (labels.some((label) => label.length > 63)) name = `${domain}.`
  return {
    name,
    type: dice.of(ASKED),
    payload: dice.once(3) ? undefined : dice.of([0, 512, 600, 800, 1232, 4096]),
    transport: dice.once(5) ? 'tcp' : 'udp',
  }
}

function check(config: Config, model: Model, query: ModelQuery, octets: Buffer | number): void {
  const expected = model.answer(query)
  if (typeof octets === 'number' || expected === 'forward') {
    assert.deepEqual([octets, expected], [FORWARD, 'forward'])
    return
  }
  const sent = header(octets)
  assert.deepEqual(
    { id: sent.id, rcode: sent.rcode, tc: sent.tc, aa: sent.aa, ra: sent.ra },
    {
      id: 0x1234,
      rcode: expected.rcode,
      tc: expected.tc && config.setTruncateBit,
      aa: true,
      ra: config.recurseOn,
    },
  )
  assert.ok(octets.length <= expected.limit)
  const message = decode(octets)
  assert.equal(`${message.questions?.[0]?.name}.`, query.name)
  const answers = presentation(message.answers)
  const own = answers.slice(expected.chain.length)
  assert.deepEqual(answers.slice(0, expected.chain.length), expected.chain)
  assert.equal(own.length, expected.take)
  assert.equal(new Set(own).size, own.length)
  const pool = new Set(expected.pool)
  for (const answer of own) assert.ok(pool.has(answer), answer)
  if (config.ordering === 'fixed') assert.deepEqual(own, expected.pool.slice(0, expected.take))
  assert.deepEqual(presentation(message.authorities), expected.authority)
  const pointable = own.length * 330 < 0x3fff
  if (pointable) assert.deepEqual(presentation(message.additionals), expected.glue(own))
}

test(`the answerer agrees with a plain model on ${SEEDS} random zones`, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const dice = new Dice(seed)
    const config = randomConfig(dice)
    const lines = randomRecords(dice, config.domain)
    const answerer = answererOf(lines, config)
    const model = new Model(recordSet(lines), config, SERIAL)
    for (let i = 0; i < QUERIES; i++) {
      const query = randomQuery(dice, config.domain, lines)
      const { name, type, payload, transport } = query
      const question = { name, type, ...(payload !== undefined && { edns: { payload } }) }
      const octets = ask(answerer, encode(question), transport)
      try {
        check(config, model, query, octets)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`seed ${seed}, query ${i}, ${JSON.stringify(query)}: ${reason}`, { cause })
      }
    }
  }
})
