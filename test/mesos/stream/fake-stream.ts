import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from '../fake-master.ts'

/** A record as RecordIO frames it. */
export function frame(record: unknown): Buffer {
  const octets = Buffer.from(typeof record === 'string' ? record : JSON.stringify(record))
  return Buffer.concat([Buffer.from(`${octets.length}\n`), octets])
}

export const HEARTBEAT = { type: 'HEARTBEAT' }

/** What a stream begins with: the running tasks of one framework on one agent, by their ids. */
export function subscribed(tasks: readonly string[] = [], heartbeatSeconds = 15): object {
  return {
    type: 'SUBSCRIBED',
    subscribed: {
      get_state: {
        get_tasks: { tasks: tasks.map(v1Task) },
        get_executors: {},
        get_frameworks: {
          frameworks: [
            { framework_info: { id: { value: 'F' }, name: 'marathon', hostname: '127.0.0.1' } },
          ],
        },
        get_agents: {
          agents: [{ agent_info: { id: { value: 'S' } }, pid: 'slave(1)@127.0.0.1:5051' }],
        },
      },
      heartbeat_interval_seconds: heartbeatSeconds,
    },
  }
}

export function taskAdded(id: string): object {
  return { type: 'TASK_ADDED', task_added: { task: v1Task(id) } }
}

export function taskKilled(id: string): object {
  const status = { task_id: { value: id }, state: 'TASK_KILLED', timestamp: 2 }
  return {
    type: 'TASK_UPDATED',
    task_updated: { framework_id: { value: 'F' }, status, state: 'TASK_KILLED' },
  }
}

function v1Task(id: string): object {
  return {
    task_id: { value: id },
    framework_id: { value: 'F' },
    agent_id: { value: 'S' },
    name: id,
    state: 'TASK_RUNNING',
    statuses: [{ task_id: { value: id }, state: 'TASK_RUNNING', timestamp: 1 }],
  }
}

/** The same cluster as a `/state` tells it, without `leader`, `pid` and `id`. */
export function stateWith(tasks: readonly string[]): object {
  return {
    slaves: [{ id: 'S', pid: 'slave(1)@127.0.0.1:5051' }],
    frameworks: [
      {
        id: 'F',
        name: 'marathon',
        hostname: '127.0.0.1',
        pid: 'scheduler-1@127.0.0.1:9090',
        tasks: tasks.map((id) => ({
          id,
          name: id,
          framework_id: 'F',
          slave_id: 'S',
          state: 'TASK_RUNNING',
          statuses: [{ state: 'TASK_RUNNING', timestamp: 1 }],
        })),
      },
    ],
  }
}

/** The subscribers of a fake master, whom a test sends what it likes. */
export class Subscribers {
  readonly responses: ServerResponse[] = []
  readonly requests: { readonly request: IncomingMessage; readonly body: string }[] = []
  /** What each begins with. */
  greeting: readonly unknown[] = [subscribed(), HEARTBEAT]

  /** Answers SUBSCRIBE. */
  readonly handler: Handler = async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    this.requests.push({ request, body })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for (const record of this.greeting) response.write(frame(record))
    this.responses.push(response)
  }

  get last(): ServerResponse {
    const last = this.responses.at(-1)
    if (last === undefined) throw new Error('nobody has subscribed')
    return last
  }

  /** Sends records to the last subscriber in one piece. */
  send(...records: readonly unknown[]): void {
    this.last.write(Buffer.concat(records.map(frame)))
  }

  /** Settles once the last subscriber has left. */
  async left(): Promise<void> {
    const { last } = this
    if (last.destroyed) return
    await once(last, 'close')
  }
}
