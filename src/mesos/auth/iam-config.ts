import { readFileSync } from 'node:fs'
import { type IamAccount, readIamAccount } from '../../config/iam.ts'
import { ConfigError, Fault } from '../../config/issue.ts'

/**
 * Reads `iamConfigFile`; throws ConfigError for anything unusable. The file was checked when the
 * configuration was loaded, but it is read anew, since it may have changed.
 */
export function loadIamAccount(path: string): IamAccount {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const message = `cannot be read: ${(cause as Error).message}`
    throw unusable(path, message, 'give the path of a file that this user may read', cause)
  }
  const account = readIamAccount(text)
  if (account instanceof Fault) throw unusable(path, account.message, account.fix)
  return account
}

function unusable(path: string, message: string, fix: string, cause?: unknown): ConfigError {
  return new ConfigError(
    [{ where: 'configuration', path: 'iamConfigFile', value: path, message, fix }],
    { cause },
  )
}
