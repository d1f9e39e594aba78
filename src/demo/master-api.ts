import type { IncomingHttpHeaders } from 'node:http'
import type { SimulatedCluster } from './cluster.ts'
import type { SimulatedMaster } from './model.ts'
import {
  frameworksDocument,
  MESOS_VERSION,
  slavesDocument,
  stateDocument,
  tasksDocument,
} from './state-document.ts'
import { getStateDocument } from './v1-document.ts'

/** A whole HTTP answer. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

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
  readonly #options: MasterApiOptions
  readonly #rendered = new Map<string, Buffer>()
  #renderedRevision = -1

  constructor(cluster: SimulatedCluster, master: SimulatedMaster, options: MasterApiOptions = {}) {
    this.#cluster = cluster
    this.#master = master
    this.#options = options
  }

  answer(asked: Asked): Reply {
    const path = asked.path.replace(/^\/master(?=\/)/, '')
    switch (path) {
      case '/health':
        return { status: 200, headers: {}, body: '' }
      case '/version':
        return this.#json('version', () => MESOS_VERSION)
      case '/redirect':
        return this.#toLeader('') ?? this.#redirect(this.#master, '')
      case '/api/v1':
        return this.#denied(asked, 'readwrite') ?? this.#toLeader(path) ?? this.#call(asked)
      case '/slaves':
        return this.#read(asked, path, () => slavesDocument(this.#cluster))
      case '/frameworks':
        return this.#read(asked, path, () => frameworksDocument(this.#cluster))
      case '/tasks':
        return this.#read(asked, path, () => tasksDocument(this.#cluster))
      default:
        if (!this.#statePaths().includes(path)) return text(404, 'Not Found.\r\n')
        return this.#read(asked, path, () => stateDocument(this.#cluster, this.#master))
    }
  }

  #statePaths(): readonly string[] {
    const spelling = this.#options.stateSpelling ?? 'state'
    return spelling === 'both' ? ['/state', '/state.json'] : [`/${spelling}`]
  }

  #read(asked: Asked, path: string, document: () => unknown): Reply {
    return this.#denied(asked, 'readonly') ?? this.#toLeader(path) ?? this.#json(path, document)
  }

  /** A v1 call; SUBSCRIBE is not among them. */
  #call({ method, headers, body }: Asked): Reply {
    if (method !== 'POST') {
      return { ...text(405, "Expecting one of { 'POST' }"), headers: { ...TEXT, Allow: 'POST' } }
    }
    if (headers['content-type'] === undefined)
      return text(400, "Expecting 'Content-Type' to be present")
    if (!accepts(headers.accept)) return text(406, "Expecting 'Accept' to allow application/json")
    if (!this.#cluster.registryRecovered) return text(503, 'Master has not finished recovery')
    switch (callType(body)) {
      case 'GET_STATE':
        return this.#json('GET_STATE', () => getStateDocument(this.#cluster))
      case 'GET_HEALTH':
        return this.#json('GET_HEALTH', () => ({
          type: 'GET_HEALTH',
          get_health: { healthy: true },
        }))
      default:
        return text(400, "Failed to validate master::Call: Expecting 'type' to be present")
    }
  }

  #denied({ headers }: Asked, realm: string): Reply | undefined {
    const { credentials } = this.#options
    if (credentials === undefined) return undefined
    const expected = Buffer.from(`${credentials.principal}:${credentials.secret}`).toString(
      'base64',
    )
    if (headers.authorization === `Basic ${expected}`) return undefined
    return {
      ...text(401, '401 Unauthorized.'),
      headers: { ...TEXT, 'WWW-Authenticate': `Basic realm="mesos-master-${realm}"` },
    }
  }

  /** Undefined if this master leads. */
  #toLeader(path: string): Reply | undefined {
    const { leader } = this.#cluster
    if (leader === this.#master) return undefined
    if (leader === undefined) return text(503, 'No leader elected')
    return this.#redirect(leader, path === '' ? '' : `/master${path}`)
  }

  /** Protocol-relative, as masters redirect. */
  #redirect(master: SimulatedMaster, path: string): Reply {
    const host = master.hostname.includes(':') ? `[${master.hostname}]` : master.hostname
    return {
      status: 307,
      headers: { Location: `//${host}:${master.address.port}${path}` },
      body: '',
    }
  }

  /** Renders a document once for each revision of the cluster: a large one takes seconds. */
  #json(key: string, document: () => unknown): Reply {
    if (this.#renderedRevision !== this.#cluster.revision) this.#rendered.clear()
    this.#renderedRevision = this.#cluster.revision
    const body = this.#rendered.get(key) ?? Buffer.from(JSON.stringify(document()))
    this.#rendered.set(key, body)
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body }
  }
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' }

function text(status: number, body: string): Reply {
  return { status, headers: TEXT, body }
}

function accepts(accept: string | undefined): boolean {
  return accept === undefined || accept.includes('application/json') || accept.includes('*/*')
}

function callType(body: string): unknown {
  try {
    const call: unknown = JSON.parse(body)
    return typeof call === 'object' && call !== null && 'type' in call ? call.type : undefined
  } catch {
    return undefined
  }
}
