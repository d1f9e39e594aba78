import type { Config } from '../config/schema.ts'
import { MONITORING_ROUTES } from './monitoring/routes.ts'
import { openApiDocument } from './openapi.ts'
import type { Api, Route } from './route.ts'
import { v1Routes } from './v1/routes.ts'
import { COMMON_HEADERS } from './v2/problem.ts'
import { V2_ROUTES } from './v2/routes.ts'

/** Every path the API answers. */
export function allRoutes(config: Pick<Config, 'enumerationOn'>): Route[] {
  const routes: Route[] = [...v1Routes(config), ...V2_ROUTES, ...MONITORING_ROUTES]
  let body: string | undefined
  routes.push({
    path: '/openapi.json',
    operation: {
      operationId: 'openapi',
      summary: 'This document',
      responses: {
        200: {
          description: 'OpenAPI 3.1.',
          contentType: 'application/json',
          schema: 'OpenApi',
          example: { openapi: '3.1.1', info: { title: 'mesos-ns', version: '0.1.0' }, paths: {} },
        },
      },
    },
    answer(_params, { version }: Api) {
      // Made once, and only if somebody asks: it costs more than everything else here.
      body ??= `${JSON.stringify(openApiDocument(routes, version), null, 2)}\n`
      return {
        status: 200,
        headers: { ...COMMON_HEADERS, 'Content-Type': 'application/json' },
        body,
      }
    },
  })
  return routes
}
