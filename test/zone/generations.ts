// A zone whose every record tells which generation it is of, and what of it there has to be at each: known
// to the thread that writes it and to those that check what they read, without a word between them.

/** Hosts `n0.mesos.` and so on, of which some exist at a time; each has one record or up to 20. */
export const HOSTS = 3000
/** Services `_s0._tcp.mesos.` and so on, with up to 20 targets. */
export const SERVICES = 200
/** So many generations have addresses of their own that are nobody's else, 127.0.0.0/8 left out. */
export const MAX_GENERATIONS = 16_000

/** Nearly all hosts exist for a while, and then next to none: shards become more and fewer. */
const WAVE = 256
const PERCENT = { HIGH: 92, LOW: 4 } as const
/** Everything changes every so many generations. */
const WHOLE = 320
/** A host or service changes every 32, 64, 128 or 256 generations. */
const SHORTEST_STRIDE = 32

const FIRST = 1
const SERIAL = 1_700_000_000
const MOST_RECORDS = 20

/** Seeds for what is drawn: the choices have to be independent of each other. */
const DRAW = { STRIDE: 1, PHASE: 2, EXISTS: 3, SIZE: 4, TARGET: 5, SERVICE: 0x10000 } as const

/** Any 32 bits that follow from three numbers (the finalizer of MurmurHash3). */
function draw(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The last generation up to this one in which something changed; its records are marked with that. */
function changedAt(item: number, generation: number): number {
  const stride = SHORTEST_STRIDE << (draw(item, 0, DRAW.STRIDE) & 3)
  const phase = draw(item, 0, DRAW.PHASE) % stride
  const own = generation - ((generation + phase) % stride)
  return Math.max(FIRST, own, generation - (generation % WHOLE))
}

export function hostChangedAt(host: number, generation: number): number {
  return changedAt(host, generation)
}

export function serviceChangedAt(service: number, generation: number): number {
  return changedAt(DRAW.SERVICE + service, generation)
}

/** Number of addresses that a host got when it changed; 0 if it went. */
export function hostSize(host: number, changed: number): number {
  const percent = changed % (2 * WAVE) < WAVE ? PERCENT.HIGH : PERCENT.LOW
  if (draw(host, changed, DRAW.EXISTS) % 100 >= percent) return 0
  return 1 + (draw(host, changed, DRAW.SIZE) % (host % 8 === 0 ? MOST_RECORDS : 3))
}

/** Number of SRV records that a service got when it changed; 0 if it went. */
export function serviceSize(service: number, changed: number): number {
  const item = DRAW.SERVICE + service
  if (draw(item, changed, DRAW.EXISTS) % 100 >= PERCENT.HIGH) return 0
  return 1 + (draw(item, changed, DRAW.SIZE) % MOST_RECORDS)
}

/** The host that a service's SRV record of this number leads to, whether or not it exists. */
export function targetOf(service: number, changed: number, index: number): number {
  return draw(DRAW.SERVICE + service, changed * MOST_RECORDS + index, DRAW.TARGET) % HOSTS
}

/** Hosts whose name is a task's own, and that reverse names lead to. */
export function isOwn(host: number): boolean {
  return host % 4 === 1
}

/** An address as a number: which generation it is of, whose, and the how-manieth. */
export function addressOf(host: number, changed: number, index: number): number {
  return ((changed << 17) | (host << 5) | index) >>> 0
}

export function dotted(address: number): string {
  return [24, 16, 8, 0].map((bits) => (address >>> bits) & 255).join('.')
}

export function hostName(host: number): string {
  return `n${host}.mesos.`
}

export function serviceName(service: number): string {
  return `_s${service}._tcp.mesos.`
}

export function serialOf(generation: number): number {
  return SERIAL + generation
}
