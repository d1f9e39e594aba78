import type { Answer } from '../answer.ts'
import { readiness } from '../readiness.ts'
import type { Api, Params } from '../route.ts'
import type { Health, Readiness } from '../schemas.ts'
import { COMMON_HEADERS, json } from '../v2/problem.ts'
import { statusBody } from './status.ts'

/** The answer itself says it. */
export function health(): Answer {
  return json({ alive: true } satisfies Health)
}

export function ready(_params: Params, api: Api): Answer {
  const { config } = api
  const body: Readiness = readiness({
    status: api.status(),
    snapshot: api.snapshot(),
    config,
    now: api.now(),
  })
  return json(body, {}, body.ready ? 200 : 503)
}

export function status(_params: Params, api: Api): Answer {
  return json(statusBody(api))
}

/** Prometheus' text format, version 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export async function metrics(_params: Params, api: Api): Promise<Answer> {
  const headers = { ...COMMON_HEADERS, 'Content-Type': METRICS_TYPE }
  return { status: 200, headers, body: await api.metrics() }
}
