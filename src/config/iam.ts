import { createPrivateKey, type KeyObject } from 'node:crypto'
import { attempt } from './attempt.ts'
import { Fault } from './issue.ts'
import { plain, readJson } from './json.ts'

/** A DC/OS service account. */
export interface IamAccount {
  readonly uid: string
  readonly privateKey: KeyObject
  readonly loginEndpoint: URL
}

const FIX =
  'write {"uid": "…", "private_key": "-----BEGIN …", "login_endpoint": "https://…"}, line ends in the key as \\n'

/**
 * Reads the text of an `IAMConfigFile`. As in Mesos-DNS, keys match in any letter case and others than
 * the three do not matter. No message holds a part of the text.
 */
export function readIamAccount(text: string): IamAccount | Fault {
  const parsed = attempt(() => plain(readJson(text)))
  if (typeof parsed !== 'object' || parsed === null) return new Fault('holds no JSON object', FIX)
  const values = new Map(Object.entries(parsed).map(([key, value]) => [key.toLowerCase(), value]))
  const textOf = (key: string): string => {
    const value: unknown = values.get(key)
    return typeof value === 'string' ? value : ''
  }
  const missing = ['uid', 'private_key', 'login_endpoint'].filter((key) => textOf(key) === '')
  if (missing.length > 0) return new Fault(`has no ${missing.join(', ')}`, FIX)

  const privateKey = attempt(() => createPrivateKey(textOf('private_key')))
  if (privateKey?.asymmetricKeyType !== 'rsa') {
    return new Fault('has a private_key that is no RSA key in PEM form', FIX)
  }
  const loginEndpoint = attempt(() => new URL(textOf('login_endpoint')))
  if (loginEndpoint === undefined || !/^https?:$/.test(loginEndpoint.protocol)) {
    return new Fault('has a login_endpoint that is no http or https URL', FIX)
  }
  return { uid: textOf('uid'), privateKey, loginEndpoint }
}
