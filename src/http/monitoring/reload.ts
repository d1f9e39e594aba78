import { ConfigError, type ConfigIssue } from '../../config/index.ts'
import type { Answer } from '../answer.ts'
import { refusalOf } from '../loopback.ts'
import type { Api, Caller, Params } from '../route.ts'
import type { Issue, ReloadProblem, ReloadV1 } from '../schemas.ts'
import type { ReloadResult } from '../server-status.ts'
import { json, problem } from '../v2/problem.ts'

/** Has the configuration read again, for somebody on this machine, and says what came of it. */
export async function reload(_params: Params, api: Api, caller: Caller): Promise<Answer> {
  const refusal = refusalOf(caller)
  if (refusal !== undefined) return problem(403, 'forbidden', refusal)
  return answerOf(await api.reload())
}

function answerOf({ status, changed, needsRestart, warnings, error }: ReloadResult): Answer {
  if (status !== 'failed') {
    return json({
      status,
      changed: [...changed],
      needsRestart: [...needsRestart],
      warnings: warnings.map(issueOf),
    } satisfies ReloadV1)
  }
  const isFault = error instanceof ConfigError
  const more = {
    errors: isFault ? error.issues.map(issueOf) : [],
    warnings: (isFault ? error.warnings : warnings).map(issueOf),
  } satisfies Pick<ReloadProblem, 'errors' | 'warnings'>
  if (isFault) {
    const detail = 'the configuration has errors, the settings before it stay in effect'
    return problem(422, 'invalid-config', detail, {}, more)
  }
  const why = error?.message ?? 'no reason is known'
  const detail = `the configuration could not be put into effect, the settings before it stay: ${why}`
  return problem(409, 'reload-failed', detail, {}, more)
}

function issueOf({ where, path, value, message, fix }: ConfigIssue): Issue {
  return { where, path, ...(value === undefined ? {} : { value }), message, fix }
}
