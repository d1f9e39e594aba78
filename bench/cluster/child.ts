import { fork } from 'node:child_process'
import { join } from 'node:path'
import { stopper } from '../daemon.ts'

export interface ChildRequest<Command> {
  readonly id: number
  readonly command: Command
}

interface ChildAnswer<Reply> {
  readonly id: number
  readonly reply?: Reply
  readonly error?: string
}

/** A process of its own that does what it is told. */
export interface Child<Command, Reply> {
  tell(command: Command): Promise<Reply>
  stop(): Promise<void>
}

/** Starts a script of this folder, which calls `obeyParent`. */
export function startChild<Command, Reply>(script: string): Child<Command, Reply> {
  const child = fork(join(import.meta.dirname, script), { stdio: 'inherit' })
  const waiting = new Map<number, (answer: ChildAnswer<Reply>) => void>()
  let asked = 0
  child.on('message', (message) => {
    const answer = message as ChildAnswer<Reply>
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', () => {
    for (const [id, answer] of waiting) answer({ id, error: 'it ended' })
  })
  return {
    tell: (command) =>
      new Promise((resolve, reject) => {
        const id = asked++
        waiting.set(id, ({ reply, error }) =>
          reply === undefined ? reject(new Error(`${script}: ${error}`)) : resolve(reply),
        )
        child.send({ id, command } as ChildRequest<Command>)
      }),
    stop: stopper(child),
  }
}

/** In the child: does what the parent says, and ends with it. */
export function obeyParent<Command, Reply>(obey: (command: Command) => Promise<Reply>): void {
  process.on('message', async ({ id, command }: ChildRequest<Command>) => {
    try {
      process.send?.({ id, reply: await obey(command) })
    } catch (error) {
      process.send?.({ id, error: (error as Error).message })
    }
  })
  process.on('disconnect', () => process.exit())
}
