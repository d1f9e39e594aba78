/** The result of `action`, or undefined if it threw; for libraries whose errors say nothing to people. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
