/** Calls back once nothing has been heard for a time. */
export interface SilenceWatch {
  heard(): void
  stop(): void
}

/**
 * `now` gives milliseconds of a clock that never jumps. A thread that was busy for long comes to its timers before
 * it comes to what has arrived meanwhile; so when the time is up, that is let in first.
 */
export function watchSilence(
  limitMs: number,
  now: () => number,
  onSilence: () => void,
): SilenceWatch {
  let last = now()
  let timer: NodeJS.Timeout
  let pending: NodeJS.Immediate | undefined
  const arm = () => {
    timer = setTimeout(check, Math.max(0, last + limitMs - now()))
  }
  const isOver = () => now() - last >= limitMs
  const check = () => {
    if (!isOver()) return arm()
    const before = last
    pending = setImmediate(() => {
      if (last === before) onSilence()
      else arm()
    })
  }
  arm()
  return {
    heard() {
      last = now()
    },
    stop() {
      clearTimeout(timer)
      clearImmediate(pending)
    },
  }
}
