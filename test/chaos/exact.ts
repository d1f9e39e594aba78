import { createSocket } from 'node:dgram'
import type { Config } from '../../src/config/index.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import type { RecordSet } from '../../src/records/record-set.ts'
import { srvHostPort } from '../../src/records/srv.ts'
import { Model } from '../dns/model.ts'
import { encode } from '../dns/question.ts'
import type { Question } from './judge.ts'
import { formatLine, Replies, type Reply } from './reply.ts'

const TYPE_OF: Readonly<Record<string, number>> = TYPE
const AGAIN_MS = 300
const PAYLOAD = 4096
const AT_ONCE = 100

/** Asks all of them over UDP, from several ports so that every thread is asked; those without a reply again. */
export async function askAll(port: number, questions: readonly Question[]): Promise<Reply[]> {
  const replies: Reply[] = []
  const reader = new Replies()
  for (let at = 0; at < questions.length; at += AT_ONCE) {
    const some = questions.slice(at, at + AT_ONCE)
    for (const octets of await askSome(port, some)) replies.push(reader.read(octets))
  }
  return replies
}

function askSome(port: number, questions: readonly Question[]): Promise<Buffer[]> {
  return new Promise((resolve) => {
    const replies: Buffer[] = Array(questions.length)
    let missing = questions.length
    const socket = createSocket('udp4')
    const send = () => {
      questions.forEach((question, id) => {
        if (replies[id] === undefined) socket.send(messageOf(question, id), port, '127.0.0.1')
      })
    }
    const again = setInterval(send, AGAIN_MS)
    socket.on('error', () => {})
    socket.on('message', (message) => {
      const id = message.readUInt16BE()
      if (replies[id] === undefined) missing--
      replies[id] = message
      if (missing > 0) return
      clearInterval(again)
      socket.close()
      resolve(replies)
    })
    send()
  })
}

export function messageOf({ name, type }: Question, id = 0): Buffer {
  return encode({ id, name, type: TYPE_OF[type] ?? 0, edns: { payload: PAYLOAD } })
}

/** Every set of records, each name with a type that it may not have, and names that are not there any more. */
export function questionsOf(records: RecordSet, former: readonly string[]): Question[] {
  const there = [...records].filter(({ name }) => name === name.toLowerCase())
  return [
    ...there.map(({ name, type }) => ({ name, type })),
    ...new Set(there.map(({ name }) => name)),
    ...former,
  ].map((each) => (typeof each === 'string' ? { name: each, type: 'TXT' } : each))
}

/** How replies differ from what the records come to, octet for octet but for order and serial. */
export function differences(
  records: RecordSet,
  config: Config,
  asked: readonly { readonly question: Question; readonly reply: Reply }[],
): string[] {
  const model = new Model(records, config, 0)
  return asked.flatMap(({ question: { name, type }, reply }) => {
    const query = { name, type: TYPE_OF[type] ?? 0, payload: PAYLOAD, transport: 'udp' } as const
    const right = model.answer(query)
    const expected =
      right === 'forward'
        ? textOf(RCODE.REFUSED, [], [])
        : textOf(right.rcode, [...right.chain, ...right.pool], right.glue(right.pool))
    const { rcode, answers, additional } = reply
    const told = textOf(rcode, answers.map(formatLine), additional.map(formatLine))
    return told === expected ? [] : [`${name} ${type}: told ${told}; right is ${expected}`]
  })
}

function textOf(rcode: number, answers: readonly string[], glue: readonly string[]): string {
  return `${rcode} ${[...answers].sort().join(', ')} / ${[...glue].sort().join(', ')}`
}

/** How `/v1/axfr` differs from the records. */
export function axfrDifferences(records: RecordSet, body: unknown): string[] {
  const { As, AAAAs, SRVs } = (body as { Records: Record<string, Record<string, string[]>> })
    .Records
  const listed = (type: string, sets: Record<string, string[]> = {}) =>
    Object.entries(sets).map(([name, values]) => `${name} ${type} ${[...values].sort().join()}`)
  const told = [...listed('A', As), ...listed('AAAA', AAAAs), ...listed('SRV', SRVs)]
  const right = [...records].flatMap(({ name, type, rdata }) => {
    if (type !== 'A' && type !== 'AAAA' && type !== 'SRV') return []
    const values = type === 'SRV' ? rdata.map(srvHostPort) : rdata
    return [`${name} ${type} ${[...values].sort().join()}`]
  })
  const known = new Set(told)
  const wanted = new Set(right)
  return [
    ...right.filter((line) => !known.has(line)).map((line) => `not listed: ${line}`),
    ...told.filter((line) => !wanted.has(line)).map((line) => `listed: ${line}`),
  ]
}
