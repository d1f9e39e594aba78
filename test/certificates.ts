import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly ca: Pair
  /** For 127.0.0.1, signed by the CA. */
  readonly server: Pair
  /** For another address, signed by the CA. */
  readonly elsewhere: Pair
  /** Signed by the CA. */
  readonly client: Pair
  /** Another CA that signed none of them. */
  readonly stranger: Pair
  /** Writes a file beside them and gives its path. */
  write(name: string, content: string): string
  remove(): void
}

/** Fresh certificates, made with the openssl program: nothing with a key is kept in the repository. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-tls-'))
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => {
    try {
      execFileSync('openssl', args, { stdio: 'pipe' })
    } catch (cause) {
      throw new Error('cannot make certificates; install the package openssl', { cause })
    }
  }
  const pair = (name: string): Pair => ({ cert: file(`${name}.crt`), key: file(`${name}.key`) })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']

  const makeCa = (name: string): Pair => {
    const { cert, key } = pair(name)
    const out = ['-keyout', key, '-out', cert]
    openssl('req', '-x509', '-days', '2', '-subj', `/CN=${name}`, ...newKey, ...out)
    return { cert, key }
  }
  const makeSigned = (name: string, ca: Pair, extension: string): Pair => {
    const { cert, key } = pair(name)
    const request = file(`${name}.csr`)
    const extensions = file(`${name}.ext`)
    writeFileSync(extensions, extension)
    openssl('req', '-new', '-subj', `/CN=${name}`, ...newKey, '-keyout', key, '-out', request)
    const signer = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-extfile', extensions]
    openssl('x509', '-req', '-days', '2', '-in', request, '-out', cert, ...signer)
    return { cert, key }
  }

  const ca = makeCa('test-ca')
  return {
    ca,
    server: makeSigned('master', ca, 'subjectAltName=IP:127.0.0.1'),
    elsewhere: makeSigned('elsewhere', ca, 'subjectAltName=IP:192.0.2.1'),
    client: makeSigned('client', ca, 'extendedKeyUsage=clientAuth'),
    stranger: makeCa('stranger-ca'),
    write(name, content) {
      writeFileSync(file(name), content)
      return file(name)
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** What a TLS server wants of a pair. */
export function readPair({ cert, key }: Pair): { cert: string; key: string } {
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}
