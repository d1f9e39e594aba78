/** What the files that a configuration names must hold. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { attempt } from './attempt.ts'
import type { Draft, Tell } from './draft.ts'
import { readIamAccount } from './iam.ts'
import { Fault } from './issue.ts'
import { cookieSecret } from './settings/dns.ts'
import { tlsFiles } from './tls-files.ts'
import { readZkUrl } from './zk-url.ts'

/** Gives the text of a file, or throws as node:fs does. */
export type ReadFile = (path: string) => string

export interface FromFiles {
  /** `zk`, taken from the file if it named one. */
  readonly zk: string
  readonly secret: string
  readonly cookieSecret: string
}

/** Opens every file that the settings name, and checks what is in it. */
export function readFiles(draft: Draft, read: ReadFile, tell: Tell): FromFiles {
  /** What `parse` makes of the file at `path`; undefined if there is none, or it is not usable. */
  const load = <T>(key: readonly string[], path: string | undefined, parse: Parse<T>) => {
    if (path === undefined || path === '') return undefined
    const result = parseFile(path, read, parse)
    if (!(result instanceof Fault)) return result
    tell(key, result)
    return undefined
  }

  for (const { ca, cert, key } of tlsFiles(draft)) {
    load(ca.key, ca.path, authorities)
    const certificate = load(cert.key, cert.path, ownCertificate)
    const own = load(key.key, key.path, privateKey)
    if (certificate === undefined || own === undefined || certificate.checkPrivateKey(own)) continue
    tell(
      key.key,
      new Fault(
        `does not belong to ${cert.key.at(-1)}`,
        'name the key that the certificate was made for',
      ),
    )
  }
  load(['IAMConfigFile'], draft.iamConfigFile, readIamAccount)

  const { zk = '', mesosCredentials: { secret = '', secretFile = '' } = {} } = draft
  const inZkFile = zk.startsWith(FILE_SCHEME)
  return {
    secret: load(['mesosCredentials', 'secretFile'], secretFile, secretLine) ?? secret,
    cookieSecret:
      load(['cookieSecretFile'], draft.cookieSecretFile, cookieSecretLine) ??
      draft.cookieSecret ??
      '',
    zk: inZkFile ? (load(['zk'], zk.slice(FILE_SCHEME.length), zkUrl) ?? '') : zk,
  }
}

const FILE_SCHEME = 'file://'

type Parse<T> = (text: string) => T | Fault

function parseFile<T>(path: string, read: ReadFile, parse: Parse<T>): T | Fault {
  let text: string
  try {
    text = read(path)
  } catch (error) {
    return new Fault(`cannot be read: ${reasonOf(error)}`, 'check the path and who may read it')
  }
  return parse(text)
}

function secretLine(text: string): string | Fault {
  const line = text.replace(/\r?\n$/, '')
  return line === '' ? new Fault('is an empty file', 'put the secret into it') : line
}

function cookieSecretLine(text: string): string | Fault {
  const line = secretLine(text.trim())
  if (line instanceof Fault) return line
  const secret = cookieSecret(line)
  return secret instanceof Fault ? inFile(secret) : secret
}

function zkUrl(text: string): string | Fault {
  const url = text.trim()
  const found = readZkUrl(url)
  return found instanceof Fault ? inFile(found) : url
}

/** A fault of what a file holds, told of the setting that names the file. */
function inFile({ message, fix }: Fault): Fault {
  return new Fault(`the file’s content ${message}`, fix)
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** At least one certificate; others that cannot be read do no harm. */
function authorities(text: string): X509Certificate[] | Fault {
  const found = (text.match(CERTIFICATE) ?? []).flatMap(
    (pem) => attempt(() => new X509Certificate(pem)) ?? [],
  )
  return found.length > 0
    ? found
    : new Fault('holds no certificate', 'name a PEM file with a BEGIN CERTIFICATE block')
}

function ownCertificate(text: string): X509Certificate | Fault {
  return (
    attempt(() => new X509Certificate(text)) ??
    new Fault('holds no certificate', 'name a PEM file with a BEGIN CERTIFICATE block')
  )
}

function privateKey(text: string): KeyObject | Fault {
  return (
    attempt(() => createPrivateKey(text)) ??
    new Fault(
      'holds no private key',
      'name a PEM file with an unencrypted BEGIN … PRIVATE KEY block',
    )
  )
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
}

/** Why a file cannot be read, without its path, which is shown beside it. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? (code === '' ? String(error) : code)
}
