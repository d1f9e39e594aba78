import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError } from '../config/issue.ts'
import type { MesosConfig } from './config.ts'

/** How connections to masters and to the login endpoint are secured. */
export interface MasterTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** False without a CA: Mesos-DNS then trusted any certificate, and clusters depend on it. */
  readonly rejectUnauthorized: boolean
}

type TlsFiles = Pick<MesosConfig, 'caCertFile' | 'certFile' | 'keyFile'>
type TlsConfig = TlsFiles & { readonly within: string }
type FileKey = keyof TlsFiles

/**
 * Reads the PEM files of a configuration; throws ConfigError naming the one that is unusable. `within`
 * goes before their keys in it (`zkTLS.`).
 */
export function loadTls(files: TlsFiles, within = ''): MasterTls {
  const config = { ...files, within }
  const ca = readPem(config, 'caCertFile', 'CERTIFICATE')
  const cert = readPem(config, 'certFile', 'CERTIFICATE')
  const key = readPem(config, 'keyFile', 'PRIVATE KEY')
  const material = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
  try {
    createSecureContext(material)
  } catch (error) {
    throw unusable(config, 'certFile', `does not work with its key: ${text(error)}`, error)
  }
  return { ...material, rejectUnauthorized: ca !== undefined }
}

function readPem(config: TlsConfig, key: FileKey, label: string): string | undefined {
  const path = config[key]
  if (path === '') return undefined
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    throw unusable(config, key, `cannot be read: ${text(error)}`, error)
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(pem)) {
    throw unusable(config, key, `holds no PEM block of type ${label}`)
  }
  return pem
}

function unusable(config: TlsConfig, key: FileKey, message: string, cause?: unknown): ConfigError {
  const fix = 'give the path of a PEM file that this user may read'
  return new ConfigError(
    [{ where: 'configuration', path: `${config.within}${key}`, value: config[key], message, fix }],
    { cause },
  )
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
