import { type Answer, text } from '../answer.ts'

/**
 * What Mesos-DNS (go-restful 1.1) refuses before it looks at anything: every method but GET, HEAD and
 * OPTIONS included, and an Accept header that names neither JSON nor everything. Quality values and
 * ranges such as `application/*` are not understood there, so they are not here.
 */
export function refusal(method: string, accept: string | undefined): Answer | undefined {
  if (method !== 'GET') return text(405, '405: Method Not Allowed')
  if (accept === undefined || accept === '') return undefined
  const types = accept.split(',').map((range) => range.split(';')[0]?.trim())
  if (types.some((type) => type === '*/*' || type === 'application/json')) return undefined
  return text(406, '406: Not Acceptable')
}
