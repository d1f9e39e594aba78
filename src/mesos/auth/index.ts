import type { Logger } from '../../log.ts'
import type { MesosConfig } from '../config.ts'
import type { MasterHttp } from '../http.ts'
import { type Authenticator, noAuthenticator } from './authenticator.ts'
import { createBasicAuthenticator } from './basic.ts'
import { createIamAuthenticator } from './iam.ts'
import { loadIamAccount } from './iam-config.ts'

export type { Authenticator } from './authenticator.ts'

/** The authenticator a configuration asks for; throws ConfigError for an unusable iamConfigFile. */
export function createAuthenticator(
  config: Pick<MesosConfig, 'mesosAuthentication' | 'mesosCredentials' | 'iamConfigFile'>,
  http: MasterHttp,
  log: Pick<Logger, 'warn'>,
): Authenticator {
  switch (config.mesosAuthentication) {
    case '':
      return noAuthenticator
    case 'basic':
      return createBasicAuthenticator(config.mesosCredentials)
    case 'iam':
      return createIamAuthenticator({ account: loadIamAccount(config.iamConfigFile), http, log })
  }
}
