import { UsageError } from './errors.ts'

/** Throws a UsageError unless the flag's value is a whole number from 0 to `most`. */
export function checkWhole(flag: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)) return
  throw new UsageError(`${flag} is ${value}; use a whole number from 0 to ${most}`)
}

/** Throws a UsageError unless the flag's value is a time in seconds. */
export function checkSeconds(flag: string, value: number): void {
  if (value > 0 && value <= 3600) return
  throw new UsageError(`${flag} is ${value}; use a number of seconds, at most 3600`)
}
