import { closeSync, openSync, writeSync } from 'node:fs'

/** Where the text of a task says who it is, in octets from the begin of the file. */
export interface TaskPlaces {
  /** Of `ID_DIGITS` hexadecimal digits that are part of its id. */
  readonly id: number
  /** Of the `ADDRESS_DIGITS` decimal digits its own IPv4 address ends in. */
  readonly address: number
}

export const ID_DIGITS = 8
export const ADDRESS_DIGITS = 3
/** Addresses end in 100..199, so that one digit more or less never moves what follows. */
const FIRST_ADDRESS = 100
const ADDRESSES = 100

/** The body of a `/state` in a file, whose tasks can be replaced in place by others of the same size. */
export interface StateFile {
  readonly path: string
  readonly octets: number
  readonly tasks: number
  /** Makes these tasks new ones: other ids, and so other names, and other addresses. */
  replaceTasks(tasks: Iterable<number>): void
  close(): void
}

/** A piece of a body, with where in it a task's id and address are, if it is a task. */
export interface StatePiece {
  readonly text: string
  readonly task?: TaskPlaces
}

const WRITE_AT_ONCE = 1 << 20

/** Writes a body piece by piece: it never is in memory as a whole. All of its text is ASCII. */
export function writeStateFile(path: string, pieces: Iterable<StatePiece>): StateFile {
  const file = openSync(path, 'w+')
  const places: TaskPlaces[] = []
  let octets = 0
  let waiting = ''
  const flush = () => {
    writeSync(file, waiting, null, 'latin1')
    waiting = ''
  }
  for (const { text, task } of pieces) {
    if (task !== undefined) places.push({ id: octets + task.id, address: octets + task.address })
    octets += text.length
    waiting += text
    if (waiting.length >= WRITE_AT_ONCE) flush()
  }
  flush()
  const generations = new Uint32Array(places.length)
  const replaceTask = (task: number) => {
    const place = places[task]
    if (place === undefined) throw new RangeError(`there are ${places.length} tasks, not ${task}`)
    const generation = (generations[task] ?? 0) + 1
    generations[task] = generation
    writeSync(file, idDigits(task, generation), place.id, 'latin1')
    writeSync(file, addressDigits(task, generation), place.address, 'latin1')
  }
  return {
    path,
    octets,
    tasks: places.length,
    replaceTasks: (tasks) => {
      for (const task of tasks) replaceTask(task)
    },
    close: () => closeSync(file),
  }
}

/** Part of a task's id; no two of a cluster's are alike, and each generation has others. */
export function idDigits(task: number, generation: number): string {
  // Odd numbers have inverses: different tasks keep different digits.
  const mixed = Math.imul(task + 1, 0x9e37_79b1) + Math.imul(generation, 0x85eb_ca6b)
  return (mixed >>> 0).toString(16).padStart(ID_DIGITS, '0')
}

/** The last part of a task's address. */
export function addressDigits(task: number, generation: number): string {
  return String(FIRST_ADDRESS + ((task + generation) % ADDRESSES))
}
