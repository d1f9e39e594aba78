/**
 * Masks `user:password@` in a ZooKeeper or other URL: `zk://mesos:pw@h:2181/mesos` becomes
 * `zk://***@h:2181/mesos`. Everything before the last `@` goes, so that a password with an `@` or a
 * `/` in it is not shown in part. `master@10.0.0.1:5050` has no password and stays.
 */
export function redactUserinfo(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?(.*)@/is, (all, scheme: string | undefined, user: string) =>
    scheme !== undefined || user.includes(':') ? `${scheme ?? ''}***@` : all,
  )
}
