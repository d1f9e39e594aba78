import { type ErrorCode, MesosNsError } from '../errors.ts'

/** A chain of causes longer than this is a circle. */
const MAX_CAUSES = 10

/**
 * An error as it crosses threads. A structured clone by itself would lose its class and its code, which
 * are what logs and callers tell errors apart by.
 */
export interface PlainError {
  /** Name of its class. */
  readonly type: string
  readonly message: string
  readonly stack: string
  readonly cause: PlainError | string | undefined
  /** Those that an AggregateError is made of. */
  readonly errors: readonly PlainError[]
  /** `code`, `errno`, `port` and whatever else it has of its own. */
  readonly properties: Readonly<Record<string, unknown>>
}

export function plainError(error: Error, causes = MAX_CAUSES): PlainError {
  const { message, stack = message, cause, errors } = error as Partial<AggregateError> & Error
  const plain = (value: Error) => plainError(value, causes - 1)
  return {
    type: error.constructor?.name || error.name,
    message,
    stack,
    cause: cause instanceof Error && causes > 0 ? plain(cause) : textOf(cause),
    errors: causes > 0 ? (errors ?? []).filter((each) => each instanceof Error).map(plain) : [],
    properties: Object.fromEntries(Object.entries(error).filter(isCloneable)),
  }
}

function textOf(cause: unknown): string | undefined {
  return cause === undefined ? undefined : String(cause)
}

function isCloneable([key, value]: [string, unknown]): boolean {
  if (['name', 'message', 'stack', 'cause', 'errors'].includes(key)) return false
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

/** The error on the other side: of the same name, code and stack; a MesosNsError if it was one. */
export function revivedError(plain: PlainError): Error {
  const { type, message, stack, properties } = plain
  const cause = typeof plain.cause === 'object' ? revivedError(plain.cause) : plain.cause
  const options = cause === undefined ? {} : { cause }
  const code = String(properties['code'] ?? '')
  const error = code.startsWith('MESOS_NS_')
    ? new (named(MesosNsError, type))(code as ErrorCode, message, options)
    : new (named(Error, type))(message, options)
  const hidden = (value: unknown) => ({ value, configurable: true, writable: true })
  Object.defineProperties(error, { name: hidden(type), stack: hidden(stack) })
  if (plain.errors.length > 0) {
    Object.defineProperty(error, 'errors', hidden(plain.errors.map(revivedError)))
  }
  return Object.assign(error, properties)
}

/** A subclass of that name: loggers show the name of the class as the type of an error. */
function named<T extends typeof Error | typeof MesosNsError>(Family: T, name: string): T {
  // A mixin's constructor must take any[]; what is passed is checked at the call, by the type T.
  const Subclass = class extends (Family as unknown as new (...args: unknown[]) => Error) {}
  return Object.defineProperty(Subclass, 'name', { value: name }) as unknown as T
}
