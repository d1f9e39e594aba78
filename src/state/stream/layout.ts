import type { ElementReader } from './element-reader.ts'

/** What is taken of a value: all of it, or, of an object or list, what counts in it. */
export type Layout = 'value' | ObjectLayout | ListLayout | ElementsLayout

/** An object with the members that count; others are skipped. */
export interface ObjectLayout {
  readonly members: ReadonlyMap<string, Layout>
}

/** A list of objects. */
export interface ListLayout {
  readonly each: ObjectLayout
}

/** A list whose elements are handed on one by one. */
export interface ElementsLayout {
  readonly elements: Elements
}

export type Elements = ElementReader<{ readonly id: string }>

export function object(members: Readonly<Record<string, Layout>>): ObjectLayout {
  return { members: new Map(Object.entries(members)) }
}

export function list(each: ObjectLayout): ListLayout {
  return { each }
}

export function elements(elements: Elements): ElementsLayout {
  return { elements }
}

/** Stands for an element of a list that is, or that has a member that is, larger than anything we take in. */
export const TOO_LARGE = Symbol('too large')
