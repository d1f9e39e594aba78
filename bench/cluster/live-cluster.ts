import { startChild } from './child.ts'

/** What the process is told. */
export type LiveCommand =
  | { readonly do: 'serve'; readonly tasks: number }
  | { readonly do: 'subscribed' }
  | { readonly do: 'launch'; readonly apps: readonly string[] }
  | { readonly do: 'kill'; readonly apps: readonly string[] }
  | { readonly do: 'fetches' }

/** What it answers; each command has its own part of it. */
export interface LiveReply {
  readonly port?: number
  readonly at?: readonly number[]
  readonly fetches?: readonly Fetch[]
}

/**
 * When a whole state was asked for, and when it had been sent, or now if it has not yet; milliseconds of the system's
 * monotonic clock.
 */
export interface Fetch {
  readonly begun: number
  readonly ended: number
}

/** A simulated cluster in a process of its own: what changes in it is told to subscribers and shows in its state. */
export interface LiveCluster {
  /** Of its master, `host:port`. */
  readonly address: string
  /** Resolves when somebody has subscribed. */
  subscribed(): Promise<void>
  /** Starts a task of each of these apps, in Marathon, one at once after the other; returns when. */
  launch(apps: readonly string[]): Promise<readonly number[]>
  kill(apps: readonly string[]): Promise<void>
  /** The states that were being sent since the last call. */
  fetches(): Promise<readonly Fetch[]>
  stop(): Promise<void>
}

export async function startLiveCluster(tasks: number): Promise<LiveCluster> {
  const { tell, stop } = startChild<LiveCommand, LiveReply>('live-master.ts')
  try {
    const { port = 0 } = await tell({ do: 'serve', tasks })
    return {
      address: `127.0.0.1:${port}`,
      subscribed: async () => void (await tell({ do: 'subscribed' })),
      launch: async (apps) => (await tell({ do: 'launch', apps })).at ?? [],
      kill: async (apps) => void (await tell({ do: 'kill', apps })),
      fetches: async () => (await tell({ do: 'fetches' })).fetches ?? [],
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Milliseconds of the system's monotonic clock, which is one for all processes. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
