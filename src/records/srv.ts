/** The parts of SRV rdata (RFC 2782). */
export interface Srv {
  readonly priority: number
  readonly weight: number
  /** As Mesos has it, so not always within 16 bits. */
  readonly port: number
  /** With a trailing dot. */
  readonly target: string
}

/** SRV rdata in presentation format; Mesos knows no priorities, so it is always 0. */
export function srvRdata(weight: number, port: number, target: string): string {
  return `0 ${weight} ${port} ${target}`
}

/** Reads SRV rdata in presentation format. Targets of raw discovery names may hold spaces. */
export function parseSrv(rdata: string): Srv {
  const weightAt = rdata.indexOf(' ') + 1
  const portAt = rdata.indexOf(' ', weightAt) + 1
  const targetAt = rdata.indexOf(' ', portAt) + 1
  return {
    priority: Number(rdata.slice(0, weightAt)),
    weight: Number(rdata.slice(weightAt, portAt)),
    port: Number(rdata.slice(portAt, targetAt)),
    target: rdata.slice(targetAt),
  }
}

/** `target.:port`, the form in which the REST API of Mesos-DNS lists an SRV record. */
export function srvHostPort(rdata: string): string {
  const { target, port } = parseSrv(rdata)
  return `${target}:${port}`
}
