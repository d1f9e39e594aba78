import type { Authenticator } from './authenticator.ts'

/** HTTP Basic (RFC 7617) with a Mesos principal and secret, in UTF-8. */
export function createBasicAuthenticator({
  principal,
  secret,
}: {
  readonly principal: string
  readonly secret: string
}): Authenticator {
  const authorization = `Basic ${Buffer.from(`${principal}:${secret}`).toString('base64')}`
  return { principal, authorization: async () => authorization, rejected: () => false }
}
