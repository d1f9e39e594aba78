import type { Draft } from './draft.ts'

/** A PEM file that the settings name: where in the file they do, and its path (`''` for none). */
interface PemFile {
  readonly key: readonly string[]
  readonly path: string | undefined
}

/** The files of each TLS client: to the masters, and to ZooKeeper. */
export function tlsFiles({ caCertFile, certFile, keyFile, zkTls }: Draft): readonly {
  readonly ca: PemFile
  readonly cert: PemFile
  readonly key: PemFile
}[] {
  const toZookeeper = (member: 'caCertFile' | 'certFile' | 'keyFile') => ({
    key: ['zkTLS', member],
    path: zkTls?.[member],
  })
  return [
    {
      ca: { key: ['CACertFile'], path: caCertFile },
      cert: { key: ['CertFile'], path: certFile },
      key: { key: ['KeyFile'], path: keyFile },
    },
    {
      ca: toZookeeper('caCertFile'),
      cert: toZookeeper('certFile'),
      key: toZookeeper('keyFile'),
    },
  ]
}
