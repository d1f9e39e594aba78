import { fork } from 'node:child_process'
import { join } from 'node:path'
import { stopper } from '../daemon.ts'

/** Which state is served. */
export type StateKind =
  | { readonly kind: 'lean'; readonly names: number; readonly services: boolean }
  | { readonly kind: 'full'; readonly tasks: number }

/** How many of the tasks are replaced. */
export type Share = 'one' | 'percent' | 'all'

/** Whether it answers by itself, and with how many tasks replaced each time. */
export type Flow = Share | 'same' | 'off'

/** What the process is told. */
export type MasterCommand =
  | { readonly do: 'serve'; readonly state: StateKind; readonly path: string }
  | { readonly do: 'requested' }
  | { readonly do: 'release' }
  | { readonly do: 'replace'; readonly share: Share }
  | { readonly do: 'flow'; readonly flow: Flow }

export interface MasterRequest {
  readonly id: number
  readonly command: MasterCommand
}

/** What it answers; each command has its own part of it. */
export interface MasterReply {
  readonly port?: number
  readonly octets?: number
  readonly tasks?: number
  readonly sent?: number
}

interface MasterMessage {
  readonly id: number
  readonly reply?: MasterReply
  readonly error?: string
}

/** A simulated leading master in a process of its own. */
export interface Master {
  /** `host:port` for the configuration. */
  readonly address: string
  /** File with the body it sends. */
  readonly path: string
  /** Size of that in octets. */
  readonly octets: number
  readonly tasks: number
  /** Resolves when a server waits for the state: when it has done with the one before. */
  requested(): Promise<void>
  /** Sends the state to the server that waits, or to the next; resolves when that is done. */
  release(): Promise<void>
  /** Replaces tasks by new ones, other tasks each time; returns how many. */
  replace(share: Share): Promise<number>
  /** Sends the state whenever a server asks from now on. Returns how many were sent since the last call. */
  flow(flow: Flow): Promise<number>
  stop(): Promise<void>
}

/** Starts a master whose state is written to that file. */
export async function startMaster(state: StateKind, path: string): Promise<Master> {
  const child = fork(join(import.meta.dirname, 'simulated-master.ts'), { stdio: 'inherit' })
  const stop = stopper(child)
  const waiting = new Map<number, (message: MasterMessage) => void>()
  let asked = 0
  child.on('message', (message) => {
    const answer = message as MasterMessage
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', () => {
    for (const [id, answer] of waiting) answer({ id, error: 'it ended' })
  })
  const tell = (command: MasterCommand) =>
    new Promise<MasterReply>((resolve, reject) => {
      const id = asked++
      waiting.set(id, ({ reply, error }) =>
        reply === undefined ? reject(new Error(`simulated master: ${error}`)) : resolve(reply),
      )
      child.send({ id, command } satisfies MasterRequest)
    })
  try {
    const { port = 0, octets = 0, tasks = 0 } = await tell({ do: 'serve', state, path })
    return {
      address: `127.0.0.1:${port}`,
      path,
      octets,
      tasks,
      requested: async () => void (await tell({ do: 'requested' })),
      release: async () => void (await tell({ do: 'release' })),
      replace: async (share) => (await tell({ do: 'replace', share })).tasks ?? 0,
      flow: async (flow) => (await tell({ do: 'flow', flow })).sent ?? 0,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
