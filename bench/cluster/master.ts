import { startChild } from './child.ts'

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

/** What it answers; each command has its own part of it. */
export interface MasterReply {
  readonly port?: number
  readonly octets?: number
  readonly tasks?: number
  readonly sent?: number
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
  const { tell, stop } = startChild<MasterCommand, MasterReply>('simulated-master.ts')
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
