import type { Conventions } from './conventions.ts'

/** `leader`, `master`, `master0`, `master1`, … and `slave` directly below the domain. */
const RESERVED_LABEL = /^(?:leader|master\d*|slave)$/

/**
 * Whether a framework's name is one that only the cluster itself and the name server may have. Without
 * this a framework called `leader` would add its own address to `leader.mesos`.
 *
 * Nothing else can get in the way of these names: a task's has at least its framework's label between
 * itself and the domain, and no mangled name begins with the underscore of `_leader._tcp`.
 */
export function isReserved(frameworkName: string, { nameServer, suffix }: Conventions): boolean {
  return RESERVED_LABEL.test(frameworkName) || frameworkName + suffix === nameServer
}
