import { z } from 'zod'
import type { Operation, ResponseDoc, Route } from './route.ts'
import { SCHEMAS } from './schemas.ts'

/** A JSON document; only its writer knows more of its shape. */
export type JsonObject = { readonly [key: string]: unknown }

/**
 * The OpenAPI 3.1 document of these routes: paths from the routes themselves, schemas from the zod
 * schemas the answers are typed by.
 */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  return {
    openapi: '3.1.1',
    info: {
      title: 'mesos-ns',
      version,
      description:
        'Names of a Mesos cluster over HTTP. /v1 is the API of Mesos-DNS, to the byte; /v2 is for new ' +
        'clients; /health, /ready and /metrics are for monitoring.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      routes.map(({ path, method = 'GET', operation }) => [
        path,
        { [method.toLowerCase()]: describeOperation(operation) },
      ]),
    ),
    components: {
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchema(schema)]),
      ),
    },
  }
}

function jsonSchema(schema: z.ZodType): JsonObject {
  // OpenAPI 3.1 names the dialect once for the whole document, and 2020-12 is its default.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output' })
  return rest
}

function describeOperation(operation: Operation): JsonObject {
  const { operationId, summary, description, parameters = {}, responses } = operation
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: Object.entries(parameters).map(([name, doc]) => ({
      name,
      in: 'path',
      required: true,
      description: doc.description,
      schema: { type: 'string' },
      example: doc.example,
    })),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, doc]) => [status, describeResponse(doc)]),
    ),
  }
}

function describeResponse(doc: ResponseDoc): JsonObject {
  const headers = Object.entries(doc.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ])
  const schema =
    doc.schema === undefined ? { type: 'string' } : { $ref: `#/components/schemas/${doc.schema}` }
  return {
    description: doc.description,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    ...(doc.contentType === undefined
      ? {}
      : { content: { [doc.contentType]: { schema, example: doc.example } } }),
  }
}
