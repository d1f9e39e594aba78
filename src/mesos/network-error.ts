/** What the codes of Node's and undici's errors mean for somebody who runs the masters. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset before the answer was complete',
  EPIPE: 'connection reset before the answer was complete',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be resolved, the resolver does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'connection closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection closed before the answer was complete',
  UND_ERR_HEADERS_OVERFLOW: 'answer has headers beyond all measure',
  Z_BUF_ERROR: 'compressed answer ends too early',
  Z_DATA_ERROR: 'compressed answer is damaged',
  EPROTO: 'does not speak TLS on this port; check mesosHttpsOn',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS on this port; check mesosHttpsOn',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS on this port; check mesosHttpsOn',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the CA in caCertFile',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the CA in caCertFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the CA in caCertFile',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the CA in caCertFile',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the CA in caCertFile',
}

/** One phrase for a failed request: what happened, and the code to search for. */
export function describeNetworkError(error: unknown): string {
  for (const candidate of causes(error)) {
    const code = codeOf(candidate)
    const meaning = code === undefined ? undefined : MEANINGS[code]
    if (meaning !== undefined) return `${meaning} (${code})`
  }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && error.name === 'HTTPParserError') {
    return `answer is cut short, or no HTTP (check mesosHttpsOn): ${message}`
  }
  const code = codeOf(error)
  return code === undefined || message.includes(code) ? message : `${message} (${code})`
}

/** The error itself, those an AggregateError holds (one per address tried), and its cause. */
function* causes(error: unknown): Generator<unknown> {
  yield error
  if (error instanceof AggregateError) yield* error.errors
  if (error instanceof Error && error.cause !== undefined) yield* causes(error.cause)
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
