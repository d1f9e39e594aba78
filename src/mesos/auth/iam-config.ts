import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from '../../config/issue.ts'
import { isObject } from '../../state/narrow.ts'

/** A DC/OS service account. */
export interface IamAccount {
  readonly uid: string
  readonly privateKey: KeyObject
  readonly loginEndpoint: URL
}

/**
 * Reads `iamConfigFile`, JSON `{uid, private_key (PEM), login_endpoint}` with other keys ignored;
 * throws ConfigError for anything unusable. No message holds a part of the file.
 */
export function loadIamAccount(path: string): IamAccount {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const message =
      cause instanceof SyntaxError ? 'is no JSON' : `cannot be read: ${(cause as Error).message}`
    throw unusable(path, message, cause)
  }
  const { uid, private_key: pem, login_endpoint: endpoint } = isObject(json) ? json : {}
  if (!isFilled(uid) || !isFilled(pem) || !isFilled(endpoint)) {
    throw unusable(path, 'lacks a non-empty uid, private_key or login_endpoint')
  }
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw unusable(path, 'has a login_endpoint that is no http or https URL')
  }
  return { uid, privateKey: readKey(path, pem), loginEndpoint: new URL(endpoint) }
}

function readKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'rsa') return key
  } catch (cause) {
    throw unusable(path, 'has a private_key that is no PEM key', cause)
  }
  throw unusable(path, 'has a private_key that is no RSA key')
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function unusable(path: string, message: string, cause?: unknown): ConfigError {
  const fix = 'give a JSON file with uid, private_key (PEM, RSA) and login_endpoint'
  return new ConfigError(
    [{ where: 'configuration', path: 'iamConfigFile', value: path, message, fix }],
    { cause },
  )
}
