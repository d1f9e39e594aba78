// The document is held against the server: every answer it promises is fetched, and what comes must have
// the status, the content type and the shape the document says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { ConfigError } from '../../src/config/index.ts'
import type { HttpApiOptions } from '../../src/http/index.ts'
import { openApiDocument } from '../../src/http/openapi.ts'
import { allRoutes } from '../../src/http/routes.ts'
import { config, type Reply, serve, unchanged, VERSION } from './setup.ts'

interface MediaType {
  readonly schema: { readonly $ref?: string; readonly type?: string }
  readonly example: unknown
}
interface ResponseObject {
  readonly description: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, MediaType>>
}
interface OperationObject {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly example: string
  }[]
  readonly responses: Readonly<Record<string, ResponseObject>>
}
interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly paths: Readonly<
    Record<string, { readonly get?: OperationObject; readonly post?: OperationObject }>
  >
  readonly components: { readonly schemas: Readonly<Record<string, z.core.JSONSchema.JSONSchema>> }
}

// Through JSON, since that is how readers get it.
const document: Document = JSON.parse(JSON.stringify(openApiDocument(allRoutes(config()), VERSION)))
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    ...operation,
  })),
)

function schemaOf({ schema }: MediaType): z.ZodType {
  const name = schema.$ref?.replace('#/components/schemas/', '')
  if (name === undefined) return z.string()
  const found = document.components.schemas[name]
  assert.ok(found !== undefined, `no schema ${name}`)
  return z.fromJSONSchema(found)
}

/** Requests that lead to each promised answer; `{host}` and the like stand for the parameters. */
const HEADERS_FOR: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  304: { 'if-none-match': '*' },
  403: { origin: 'https://example.com' },
  406: { accept: 'application/xml' },
}
/** What must be the case for an answer of this status. */
const OPTIONS_FOR: Readonly<Record<string, Partial<HttpApiOptions>>> = {
  409: { reload: async () => unchanged({ status: 'failed', error: new Error('port is taken') }) },
  422: {
    reload: async () =>
      unchanged({
        status: 'failed',
        error: new ConfigError([
          {
            where: 'config.json:1:2',
            path: 'ttl',
            value: -1,
            message: 'is negative',
            fix: 'use 0',
          },
        ]),
      }),
  },
  503: { snapshot: () => undefined },
}
const VALUES_FOR: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  200: { host: 'web.marathon.mesos', service: '_web._tcp.marathon.mesos' },
  400: { host: 'a..b', service: 'a%20b' },
  404: { host: 'nope.mesos', service: 'nope.mesos' },
}

function target(path: string, status: string): string {
  const values = VALUES_FOR[status] ?? VALUES_FOR['200'] ?? {}
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}

function assertAsPromised(reply: Reply, status: string, promised: ResponseObject): void {
  assert.equal(reply.status, Number(status), reply.body)
  for (const name of Object.keys(promised.headers ?? {})) {
    assert.ok(reply.headers[name.toLowerCase()] !== undefined, `header ${name}`)
  }
  const [contentType, media] = Object.entries(promised.content ?? {})[0] ?? []
  assert.equal(reply.headers['content-type'], contentType)
  if (contentType === undefined || media === undefined) assert.equal(reply.body, '')
  else schemaOf(media).parse(contentType.includes('json') ? JSON.parse(reply.body) : reply.body)
}

for (const { method, path, responses } of operations) {
  for (const [status, promised] of Object.entries(responses)) {
    test(`${method} ${path}: ${status} is as the document says`, async (t) => {
      const { request } = await serve(t, OPTIONS_FOR[status] ?? {})
      const headers = HEADERS_FOR[status] ?? {}
      assertAsPromised(await request(target(path, status), { method, headers }), status, promised)
    })

    for (const media of Object.values(promised.content ?? {})) {
      test(`${method} ${path}: the example for ${status} fits its schema`, () => {
        schemaOf(media).parse(media.example)
      })
    }
  }
}

test('misses on /v1 fit the schemas too', async (t) => {
  const { request } = await serve(t)
  for (const path of ['/v1/hosts/{host}', '/v1/services/{service}']) {
    const promised = document.paths[path]?.get?.responses['200']
    assert.ok(promised !== undefined)
    assertAsPromised(await request(target(path, '404')), '200', promised)
  }
})

test('the server serves this document', async (t) => {
  const { request } = await serve(t)
  const reply = await request('/openapi.json')
  assert.equal(reply.status, 200)
  assert.deepEqual(JSON.parse(reply.body), document)
  assert.equal((await request('/openapi.json')).body, reply.body)
})

test('the document has every route and nothing else', () => {
  const routes = allRoutes(config()).map(({ path }) => path)
  assert.deepEqual(Object.keys(document.paths), routes)
  assert.equal(new Set(routes).size, routes.length)
})

test('EnumerationOn=false takes its paths out of the document', async (t) => {
  const { request } = await serve(t, { config: config({ EnumerationOn: false }) })
  const { paths }: Document = JSON.parse((await request('/openapi.json')).body)
  const gone = Object.keys(document.paths).filter((path) => !(path in paths))
  assert.deepEqual(gone, ['/v1/enumerate', '/v1/axfr'])
})

test('the document keeps the rules of OpenAPI 3.1', () => {
  assert.match(document.openapi, /^3\.1\.\d+$/)
  assert.equal(document.info.version, VERSION)
  const ids = operations.map(({ operationId }) => operationId)
  assert.equal(new Set(ids).size, ids.length, 'operationIds are unique')
  for (const { path, parameters, summary, responses } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    assert.deepEqual(
      parameters.map(({ name }) => name),
      inPath,
      path,
    )
    assert.ok(parameters.every((parameter) => parameter.required && parameter.in === 'path'))
    assert.ok(parameters.every(({ example }) => example !== ''))
    assert.notEqual(summary, '')
    assert.ok(Object.values(responses).every(({ description }) => description !== ''))
  }
})

test('every schema is used', () => {
  const used = new Set(JSON.stringify(document.paths).match(/(?<=components\/schemas\/)\w+/g))
  assert.deepEqual([...used].sort(), Object.keys(document.components.schemas).sort())
})

test('the schemas refuse what does not belong', () => {
  const media: MediaType = { schema: { $ref: '#/components/schemas/HostV2' }, example: undefined }
  const fine = document.paths['/v2/hosts/{host}']?.get?.responses['200']?.content
  const example = fine?.['application/json']?.example as Record<string, unknown>
  const schema = schemaOf(media)
  assert.equal(schema.safeParse(example).success, true)
  assert.equal(schema.safeParse({ ...example, ttl: '60' }).success, false)
  assert.equal(schema.safeParse({ ...example, more: 1 }).success, false)
  assert.equal(schema.safeParse({ ...example, addresses: null }).success, false)
})
