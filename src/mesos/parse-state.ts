import type { Report } from '../report.ts'
import { decodeState } from '../state/decode.ts'
import { StateFormatError } from '../state/errors.ts'
import type { ClusterState } from '../state/model.ts'
import { isObject } from '../state/narrow.ts'
import { parsePid } from '../state/pid.ts'
import { masterKey } from './identity.ts'

export interface ParsedState {
  readonly state: ClusterState
  /**
   * Whether the master says that it is the leader itself (`pid` equals `leader`): true however it was
   * reached, through a host name or a translated address too.
   */
  readonly fromLeader: boolean
}

/** Parses a body of `/state`. Throws StateFormatError if it is not JSON, or no state. */
export function parseState(body: Buffer, contentType: string, report: Report): ParsedState {
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch (cause) {
    const start = JSON.stringify(body.toString('utf8', 0, 80))
    const type = contentType === '' ? 'an answer of no content type' : contentType
    throw new StateFormatError(
      `answered with ${type} that is not JSON, ${body.length} bytes beginning with ${start}`,
      { cause },
    )
  }
  const state = decodeState(json, report)
  const pid = isObject(json) && typeof json.pid === 'string' ? parsePid(json.pid) : undefined
  const { leader } = state
  return {
    state,
    fromLeader: pid !== undefined && leader !== undefined && masterKey(pid) === masterKey(leader),
  }
}
