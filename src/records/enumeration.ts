/** The body of `/v1/enumerate`: the records each running task caused, as Mesos-DNS lists them. */
export interface Enumeration {
  readonly frameworks: readonly EnumeratedFramework[] | null
}

export interface EnumeratedFramework {
  readonly tasks: readonly EnumeratedTask[] | null
  readonly name: string
}

export interface EnumeratedTask {
  readonly name: string
  readonly id: string
  /** Null when every record of the task had been made by an earlier one. */
  readonly records: readonly EnumeratedRecord[] | null
}

export interface EnumeratedRecord {
  readonly name: string
  readonly host: string
  readonly rtype: 'A' | 'AAAA' | 'SRV'
}
