/** A znode that a master holds while it stands for election. */
export interface Candidate {
  readonly znode: string
  readonly sequence: number
  readonly format: 'json' | 'protobuf'
}

// Up to 15 digits stay exact as a number; ZooKeeper writes 10.
const CANDIDATE = /^(json\.)?info_(\d{1,15})$/

/**
 * The masters among the children of the election's path, in the order in which they would lead: Mesos
 * takes the lowest sequence number of `json.info_*`, and only where there is none, of `info_*`. Other
 * children (`log_replicas`) are left out.
 */
export function successionOf(children: readonly string[]): Candidate[] {
  return children.flatMap(candidate).sort(bySuccession)
}

function candidate(znode: string): Candidate[] {
  const match = CANDIDATE.exec(znode)
  if (match === null) return []
  const format = match[1] === undefined ? 'protobuf' : 'json'
  return [{ znode, sequence: Number(match[2]), format }]
}

function bySuccession(a: Candidate, b: Candidate): number {
  if (a.format !== b.format) return a.format === 'json' ? -1 : 1
  return bySequence(a, b)
}

/** Oldest first: the order of the registrations. */
export function bySequence(a: Candidate, b: Candidate): number {
  return a.sequence - b.sequence
}
