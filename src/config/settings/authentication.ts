import { z } from 'zod'
import { setting } from '../setting.ts'

/** How the master is spoken to: TLS and credentials. */
export const authentication = {
  mesosHttpsOn: setting({
    key: 'MesosHTTPSOn',
    schema: z.boolean(),
    default: false,
    doc: 'Speaks https to the masters. Without `CACertFile` their certificate is **not verified**.',
  }),
  caCertFile: setting({
    key: 'CACertFile',
    schema: z.string(),
    default: '',
    example: '/etc/mesos-ns/ca.pem',
    doc: 'PEM file of the authorities that the masters’ certificates must come from.',
  }),
  certFile: setting({
    key: 'CertFile',
    schema: z.string(),
    default: '',
    example: '/etc/mesos-ns/client.pem',
    doc: 'PEM file of our client certificate; needs `KeyFile`.',
  }),
  keyFile: setting({
    key: 'KeyFile',
    schema: z.string(),
    default: '',
    example: '/etc/mesos-ns/client.key',
    doc: 'PEM file of the key that belongs to `CertFile`.',
  }),
  mesosAuthentication: setting({
    key: 'mesosAuthentication',
    schema: z.enum(['', 'basic', 'iam']),
    default: '',
    example: 'basic',
    doc: 'How we log in to the masters: not at all, `basic` (`mesosCredentials`) or `iam` (`IAMConfigFile`).',
  }),
  mesosCredentials: setting({
    key: 'mesosCredentials',
    schema: z.object({
      principal: z.string().prefault('').describe('User name.'),
      secret: z.string().prefault('').describe('Password; better kept in `secretFile`.'),
      secretFile: z
        .string()
        .prefault('')
        .describe('File that holds the password; a line end after it does not count.'),
    }),
    default: {},
    example: { principal: 'mesos-ns', secretFile: '/etc/mesos-ns/secret' },
    doc: 'For `basic`: `principal` and either `secret` or `secretFile`.',
  }),
  iamConfigFile: setting({
    key: 'IAMConfigFile',
    schema: z.string(),
    default: '',
    example: '/etc/mesos-ns/iam.json',
    doc: 'For `iam`: JSON file with `uid`, `private_key` (PEM) and `login_endpoint`.',
  }),
}
