/** Makes the Authorization header that masters are asked with. */
export interface Authenticator {
  /** Whom it speaks for, for messages; `''` for nobody. Never a secret. */
  readonly principal: string
  /** Header value, undefined for none; may log in first. Throws AuthError if the login fails. */
  authorization(signal: AbortSignal): Promise<string | undefined>
  /** Forgets a value a master has refused. True if asking again can give a better one. */
  rejected(authorization: string): boolean
}

/** Masters that need no credentials. */
export const noAuthenticator: Authenticator = {
  principal: '',
  authorization: async () => undefined,
  rejected: () => false,
}
