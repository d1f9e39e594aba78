import type { IncomingHttpHeaders } from 'node:http'
import type { SimulatedCluster } from './cluster.ts'
import type { SimulatedMaster } from './model.ts'
import { renderJson } from './render.ts'
import { JSON_TYPE, type Reply, TEXT_TYPE, textReply } from './reply.ts'
import {
  frameworksDocument,
  MESOS_VERSION,
  slavesDocument,
  stateDocument,
  tasksDocument,
} from './state-document.ts'
import type { Testimony } from './testimony.ts'
import { answererOf } from './v1-document.ts'

/** What of a request an answer depends on. */
export interface Asked {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface MasterApiOptions {
  /** Basic authentication, which `/health`, `/version` and `/redirect` do without. */
  readonly credentials?: { readonly principal: string; readonly secret: string }
  /** `state.json` as masters up to 1.7 have it besides, and those up to 0.24 alone (default `state`). */
  readonly stateSpelling?: 'state' | 'state.json' | 'both'
}

/** Answers of one master to its HTTP API; no sockets, no faults. */
export class MasterApi {
  readonly #cluster: SimulatedCluster
  readonly #master: SimulatedMaster
  readonly #testimony: Testimony
  readonly #options: MasterApiOptions
  readonly #rendered = new Map<string, Promise<readonly Buffer[]>>()
  #renderedRevision = ''

  constructor(
    cluster: SimulatedCluster,
    master: SimulatedMaster,
    testimony: Testimony,
    options: MasterApiOptions = {},
  ) {
    this.#cluster = cluster
    this.#master = master
    this.#testimony = testimony
    this.#options = options
  }

  /** `subscribe`: the call is in order, and a stream is to begin. */
  async answer(asked: Asked): Promise<Reply | 'subscribe'> {
    const path = asked.path.replace(/^\/master(?=\/)/, '')
    switch (path) {
      case '/health':
        return { status: 200, headers: {}, body: [] }
      case '/version':
        return this.#json('version', () => MESOS_VERSION)
      case '/redirect':
        return this.#toLeader('') ?? this.#redirect(this.#master, '')
      case '/api/v1':
        return this.#denied(asked, 'readwrite') ?? this.#toLeader(path) ?? this.#call(asked)
      case '/slaves':
        return this.#read(asked, path, () => slavesDocument(this.#testimony.view()))
      case '/frameworks':
        return this.#read(asked, path, () => frameworksDocument(this.#testimony.view()))
      case '/tasks':
        return this.#read(asked, path, () => tasksDocument(this.#testimony.view()))
      default:
        if (!this.#statePaths().includes(path)) return textReply(404, 'Not Found.\r\n')
        return this.#read(asked, path, () =>
          stateDocument(this.#cluster, this.#master, this.#testimony.view()),
        )
    }
  }

  #statePaths(): readonly string[] {
    const spelling = this.#options.stateSpelling ?? 'state'
    return spelling === 'both' ? ['/state', '/state.json'] : [`/${spelling}`]
  }

  async #read(asked: Asked, path: string, document: () => unknown): Promise<Reply> {
    return this.#denied(asked, 'readonly') ?? this.#toLeader(path) ?? this.#json(path, document)
  }

  async #call({ method, headers, body }: Asked): Promise<Reply | 'subscribe'> {
    if (method !== 'POST') {
      const reply = textReply(405, "Expecting one of { 'POST' }")
      return { ...reply, headers: { ...TEXT_TYPE, Allow: 'POST' } }
    }
    if (headers['content-type'] === undefined)
      return textReply(400, "Expecting 'Content-Type' to be present")
    if (!accepts(headers.accept))
      return textReply(406, "Expecting 'Accept' to allow application/json")
    if (!this.#cluster.registryRecovered) return textReply(503, 'Master has not finished recovery')
    const type = callType(body) ?? ''
    if (type === 'SUBSCRIBE') return 'subscribe'
    const answerer = answererOf(type)
    if (answerer === undefined)
      return textReply(400, "Failed to validate master::Call: Expecting 'type' to be present")
    return this.#json(type, () => answerer(this.#testimony.view(), this.#master))
  }

  #denied({ headers }: Asked, realm: string): Reply | undefined {
    const { credentials } = this.#options
    if (credentials === undefined) return undefined
    const expected = Buffer.from(`${credentials.principal}:${credentials.secret}`).toString(
      'base64',
    )
    if (headers.authorization === `Basic ${expected}`) return undefined
    return {
      ...textReply(401, '401 Unauthorized.'),
      headers: { ...TEXT_TYPE, 'WWW-Authenticate': `Basic realm="mesos-master-${realm}"` },
    }
  }

  /** Undefined if this master leads. */
  #toLeader(path: string): Reply | undefined {
    const { leader } = this.#cluster
    if (leader === this.#master) return undefined
    if (leader === undefined) return textReply(503, 'No leader elected')
    return this.#redirect(leader, path === '' ? '' : `/master${path}`)
  }

  /** Protocol-relative, as masters redirect. */
  #redirect(master: SimulatedMaster, path: string): Reply {
    const host = master.hostname.includes(':') ? `[${master.hostname}]` : master.hostname
    return {
      status: 307,
      headers: { Location: `//${host}:${master.address.port}${path}` },
      body: [],
    }
  }

  /** Renders a document once for each revision of the cluster: a large one takes seconds. */
  async #json(key: string, document: () => unknown): Promise<Reply> {
    const revision = `${this.#cluster.revision} ${this.#testimony.version}`
    if (this.#renderedRevision !== revision) this.#rendered.clear()
    this.#renderedRevision = revision
    const known = this.#rendered.get(key)
    const body = known ?? renderJson(document())
    if (known === undefined) this.#rendered.set(key, body)
    return { status: 200, headers: JSON_TYPE, body: await body }
  }
}

function accepts(accept: string | undefined): boolean {
  return accept === undefined || accept.includes('application/json') || accept.includes('*/*')
}

/** The type of a v1 call; undefined if it has none. */
export function callType(body: string): string | undefined {
  try {
    const call: unknown = JSON.parse(body)
    return typeof call === 'object' && call !== null && 'type' in call ? `${call.type}` : undefined
  } catch {
    return undefined
  }
}
