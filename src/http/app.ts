import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import Router from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import { type Answer, text } from './answer.ts'
import { redirect } from './redirect.ts'
import { cleanPath, decodePath, encodePath } from './request-path.ts'
import type { Api, Caller, Route } from './route.ts'
import type { Problem } from './schemas.ts'
import { refusal } from './v1/negotiation.ts'
import { problem } from './v2/problem.ts'

/** A name has at most 255 octets, three characters each when percent-encoded. */
const MAX_TARGET = 2048

/**
 * The koa application: paths are decoded and cleaned as Go does it, matched, checked for method and
 * Accept in the way of their API, and answered. `onError` gets what should not have happened; clients
 * only learn that something did.
 */
export function createApp(
  routes: readonly Route[],
  api: Api,
  onError: (error: Error) => void,
): Koa {
  const app = new Koa()
  app.on('error', onError)
  app.use(answerFailures)
  app.use(normalisePath)
  app.use(router(routes, api).routes())
  app.use((ctx) => send(ctx, failure(ctx, 404, '404: Page Not Found', 'no-such-path')))
  return app
}

function router(routes: readonly Route[], api: Api): Router {
  const router = new Router({ sensitive: true })
  for (const route of routes) {
    const refuse = isOurs(route.path) ? refuseOurs : refuseV1
    // All methods: a path that exists is refused with 405, never with 404.
    router.all(route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (ctx) => {
      send(ctx, refuse(ctx, route) ?? (await route.answer(ctx.params, api, callerOf(ctx))))
    })
  }
  return router
}

const answerFailures: Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    ctx.app.emit('error', error, ctx)
    send(ctx, failure(ctx, 500, '500: Internal Server Error', 'internal-error'))
  }
}

const normalisePath: Middleware = (ctx, next) => {
  if (ctx.url.length > MAX_TARGET) {
    return send(ctx, failure(ctx, 414, '414: URI Too Long', 'uri-too-long'))
  }
  const path = decodePath(ctx.path)
  if (path === undefined) return send(ctx, failure(ctx, 400, '400 Bad Request', 'bad-request'))
  const clean = cleanPath(path)
  if (clean !== path) {
    const query = ctx.querystring === '' ? '' : `?${ctx.querystring}`
    return send(ctx, redirect(ctx.method, encodePath(clean) + query))
  }
  ctx.path = encodePath(path)
  return next()
}

function refuseV1(ctx: Context): Answer | undefined {
  return refusal(ctx.method, ctx.get('Accept'))
}

function refuseOurs(ctx: Context, { method, anyAccept = false }: Route): Answer | undefined {
  const allowed = method === undefined ? ['GET', 'HEAD'] : [method]
  if (!allowed.includes(ctx.method)) {
    return problem(405, 'method-not-allowed', `${ctx.method} is not possible here`, {
      Allow: allowed.join(', '),
    })
  }
  if (!anyAccept && ctx.accepts('application/json') === false) {
    return problem(406, 'not-acceptable', 'answers are application/json, Accept excludes it')
  }
  return undefined
}

function callerOf({ req }: Context): Caller {
  return { address: req.socket.remoteAddress, headers: req.headers, target: req.url ?? '' }
}

/** Paths that Mesos-DNS does not have report errors as JSON; everything else as it does. */
function failure(ctx: Context, status: number, plain: string, reason: Problem['reason']): Answer {
  if (!isOurs(ctx.path)) return text(status, plain)
  return problem(status, reason, FAILURES[status] ?? plain)
}

const FAILURES: Readonly<Record<number, string>> = {
  400: 'the path has a % that is not followed by two hexadecimal digits',
  404: 'there is no such path; /openapi.json lists those that exist',
  414: `the request target has more than ${MAX_TARGET} characters`,
  500: 'the server failed to answer; its log says why',
}

const OURS = ['/v1/reload', '/health', '/ready', '/metrics', '/openapi.json']

function isOurs(path: string): boolean {
  return path.startsWith('/v2/') || OURS.includes(path)
}

function send(ctx: Context, { status, headers, body, failure }: Answer): void {
  if (failure !== undefined) ctx.app.emit('error', failure, ctx)
  ctx.set({ ...headers })
  if (typeof body !== 'string') ctx.body = Readable.from(withPauses(body))
  else ctx.body = body === '' ? null : body
  // Last, since setting a body sets a status.
  ctx.status = status
  if (status === 200 && ctx.fresh) ctx.status = 304
}

/** A fast client must not keep the thread busy for a whole body of many megabytes. */
async function* withPauses(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    yield piece
    await setImmediate()
  }
}
