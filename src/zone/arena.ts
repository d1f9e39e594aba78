import type { Segment } from './zone-update.ts'

/** Usual size of a segment; one for a bigger region is a multiple of it. */
export const SEGMENT_OCTETS = 4 << 20

/** Regions begin and end at multiples of this. */
export const UNIT_OCTETS = 1 << 10

const UNIT_WORDS = UNIT_OCTETS / Uint32Array.BYTES_PER_ELEMENT

/** Spare segments go when so many reclaims in a row have found that they were not needed. */
const PATIENCE = 32

/** A piece of a segment; `word` is where it starts in the segment's 32-bit words. */
export interface Region {
  readonly segment: number
  readonly word: number
}

/** A segment as it is written and read. */
export interface SegmentView extends Segment {
  readonly words: Uint32Array
  readonly octets: Uint8Array
}

/** Segments that came and went. */
export interface SegmentChanges {
  readonly added: readonly Segment[]
  readonly dropped: readonly number[]
}

/** A free stretch; positions and lengths are in units. */
interface Gap {
  readonly owner: OwnedSegment
  readonly start: number
  readonly length: number
}

interface OwnedSegment extends SegmentView {
  readonly units: number
  /** Length of each region in use, by its start. */
  readonly used: Map<number, number>
  /** The same gaps by where they start and by where they end. */
  readonly gapsByStart: Map<number, Gap>
  readonly gapsByEnd: Map<number, Gap>
}

interface Retired {
  readonly region: Region
  readonly epoch: number
}

/**
 * Hands out regions of shared memory and takes them back. Readers in other threads may hold on to a
 * region that is retired, so it is reused only when all of them have come to the epoch that no longer
 * has it. V8 does not see the size of shared memory and threads that answer queries hardly ever collect
 * garbage, so segments are kept and reused rather than dropped and made.
 *
 * Best fit, at the lowest place among equals, so that segments at the end run empty; neighbouring gaps
 * become one at once. There are about as many gaps as shards change at a time: a sorted array of them
 * is searched in logarithmic time.
 */
export class Arena {
  readonly #segments = new Map<number, OwnedSegment>()
  /** Sorted by length, then place. */
  readonly #gaps: Gap[] = []
  /** Epochs never fall along it. */
  #retired: Retired[] = []
  #nextSegment = 1
  #usedUnits = 0
  readonly #added = new Set<OwnedSegment>()
  #dropped: number[] = []
  /** Fewest units in empty segments at any reclaim since `#reclaims` was 0. */
  #leastSpare = Number.POSITIVE_INFINITY
  #reclaims = 0

  /**
   * A region for so many octets; what lies in it is left over from earlier. New segments are made where
   * no gap is big enough.
   *
   * @throws RangeError when the system has no more memory
   */
  allocate(octets: number): Region {
    const units = Math.max(1, Math.ceil(octets / UNIT_OCTETS))
    const gap = this.#gaps[this.#search(units, 0, 0)] ?? this.#addSegment(units)
    const { owner, start, length } = gap
    this.#removeGap(gap)
    if (length > units) this.#addGap({ owner, start: start + units, length: length - units })
    owner.used.set(start, units)
    this.#usedUnits += units
    return { segment: owner.id, word: start * UNIT_WORDS }
  }

  /** Takes back a region that no reader has ever been told of. */
  free(region: Region): void {
    const { owner, start, length } = this.#locate(region)
    owner.used.delete(start)
    this.#usedUnits -= length
    const before = owner.gapsByEnd.get(start)
    const after = owner.gapsByStart.get(start + length)
    if (before !== undefined) this.#removeGap(before)
    if (after !== undefined) this.#removeGap(after)
    this.#addGap({
      owner,
      start: before?.start ?? start,
      length: (before?.length ?? 0) + length + (after?.length ?? 0),
    })
  }

  /** Takes back a region that zones of `epoch` and later do not have. Epochs may not fall. */
  retire(region: Region, epoch: number): void {
    const last = this.#retired.at(-1)
    if (last !== undefined && epoch < last.epoch) {
      throw new RangeError(`epoch ${epoch} comes after ${last.epoch}`)
    }
    this.#locate(region)
    this.#retired.push({ region, epoch })
  }

  /** Makes what was retired up to the epoch that all readers have come to available again. */
  reclaim(oldest: number): void {
    this.#leastSpare = Math.min(this.#leastSpare, this.#spareUnits())
    let reclaimed = 0
    for (const { region, epoch } of this.#retired) {
      if (epoch > oldest) break
      this.free(region)
      reclaimed++
    }
    if (reclaimed > 0) this.#retired = this.#retired.slice(reclaimed)
    if (++this.#reclaims >= PATIENCE) this.#dropSpare()
  }

  /** The memory of a region's segment. */
  view(segment: number): SegmentView {
    const found = this.#segments.get(segment)
    if (found === undefined) throw new RangeError(`there is no segment ${segment}`)
    return found
  }

  /** All segments there are. */
  segments(): Segment[] {
    return Array.from(this.#segments.values(), asSegment)
  }

  /** What readers have to be told since this was last asked. */
  takeChanges(): SegmentChanges {
    const changes = { added: Array.from(this.#added, asSegment), dropped: this.#dropped }
    this.#added.clear()
    this.#dropped = []
    return changes
  }

  /** Of all segments together. */
  get octets(): number {
    let units = 0
    for (const segment of this.#segments.values()) units += segment.units
    return units * UNIT_OCTETS
  }

  /** In regions that are in use or retired. */
  get usedOctets(): number {
    return this.#usedUnits * UNIT_OCTETS
  }

  /** Number of regions that are retired and not reclaimed yet. */
  get retired(): number {
    return this.#retired.length
  }

  #locate({ segment, word }: Region): Gap {
    const owner = this.#segments.get(segment)
    const start = word / UNIT_WORDS
    const length = owner?.used.get(start)
    if (owner === undefined || length === undefined) {
      throw new RangeError(`no region in use starts at word ${word} of segment ${segment}`)
    }
    return { owner, start, length }
  }

  #addSegment(units: number): Gap {
    const octets = Math.ceil((units * UNIT_OCTETS) / SEGMENT_OCTETS) * SEGMENT_OCTETS
    const buffer = new SharedArrayBuffer(octets)
    const owner: OwnedSegment = {
      id: this.#nextSegment++,
      buffer,
      words: new Uint32Array(buffer),
      octets: new Uint8Array(buffer),
      units: octets / UNIT_OCTETS,
      used: new Map(),
      gapsByStart: new Map(),
      gapsByEnd: new Map(),
    }
    this.#segments.set(owner.id, owner)
    this.#added.add(owner)
    const gap = { owner, start: 0, length: owner.units }
    this.#addGap(gap)
    return gap
  }

  #spareUnits(): number {
    let units = 0
    for (const segment of this.#segments.values()) {
      if (segment.used.size === 0) units += segment.units
    }
    return units
  }

  /**
   * Drops empty segments that have not been needed of late, but keeps as much as is in use: room for a
   * change of every record. What is dropped is freed only when all readers have collected garbage, so a
   * cluster that changes much now and then must not have its segments dropped and made again each time.
   */
  #dropSpare(): void {
    let spare = this.#leastSpare - this.#usedUnits
    this.#leastSpare = Number.POSITIVE_INFINITY
    this.#reclaims = 0
    for (const segment of [...this.#segments.values()].reverse()) {
      const gap = segment.gapsByStart.get(0)
      if (gap?.length !== segment.units || segment.units > spare) continue
      spare -= segment.units
      this.#removeGap(gap)
      this.#segments.delete(segment.id)
      // Readers were never told of one that is still among the added.
      if (!this.#added.delete(segment)) this.#dropped.push(segment.id)
    }
  }

  #addGap(gap: Gap): void {
    const { owner, start, length } = gap
    owner.gapsByStart.set(start, gap)
    owner.gapsByEnd.set(start + length, gap)
    this.#gaps.splice(this.#search(length, owner.id, start), 0, gap)
  }

  #removeGap({ owner, start, length }: Gap): void {
    owner.gapsByStart.delete(start)
    owner.gapsByEnd.delete(start + length)
    this.#gaps.splice(this.#search(length, owner.id, start), 1)
  }

  /** Index of the first gap that is not before the given length and place. */
  #search(length: number, segment: number, start: number): number {
    let low = 0
    let high = this.#gaps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const gap = this.#gaps[middle] as Gap
      const order = gap.length - length || gap.owner.id - segment || gap.start - start
      if (order < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function asSegment({ id, buffer }: OwnedSegment): Segment {
  return { id, buffer }
}
