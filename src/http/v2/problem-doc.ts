import type { ResponseDoc } from '../route.ts'
import type { Problem } from '../schemas.ts'
import { problemBody } from './problem.ts'

/** What the OpenAPI document says of an error. */
export function problemDoc(description: string, example: Problem): ResponseDoc {
  return { description, contentType: 'application/problem+json', schema: 'Problem', example }
}

export const NOT_ACCEPTABLE = problemDoc(
  'Accept excludes application/json.',
  problemBody(406, 'not-acceptable', 'answers are application/json, Accept excludes it'),
)
