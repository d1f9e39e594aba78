import { type FilesRead, isSameContent } from './files-read.ts'

/** Looks at files from time to time, and tells whether what they hold should be applied. */
export class FileWatch {
  readonly #look: () => FilesRead
  readonly #onChange: () => Promise<unknown>
  #seconds = 0
  #timer: NodeJS.Timeout | undefined
  /** What is in effect, or was found unusable. */
  #known: FilesRead
  #last: FilesRead | undefined

  /** `onChange` is called, one call at a time, when files hold something else than what is known. */
  constructor(known: FilesRead, look: () => FilesRead, onChange: () => Promise<unknown>) {
    this.#known = known
    this.#look = look
    this.#onChange = onChange
  }

  /** Seconds between two looks; 0 is never. */
  set everySeconds(seconds: number) {
    if (seconds === this.#seconds) return
    this.#seconds = seconds
    this.#wait()
  }

  /** This is what is in effect now, or what was found unusable. */
  know(files: FilesRead): void {
    this.#known = files
  }

  /**
   * One look. What is written in pieces, or file by file, is not half of it applied: the same has to be seen
   * twice in a row. Files are looked at by their content, so that it makes no difference whether somebody
   * writes to them, puts others in their place, or turns a symbolic link to a folder of others.
   */
  async look(): Promise<void> {
    const now = this.#look()
    const isSettled = this.#last !== undefined && isSameContent(now, this.#last)
    this.#last = now
    if (isSettled && !isSameContent(now, this.#known)) await this.#onChange()
  }

  stop(): void {
    this.#seconds = 0
    clearTimeout(this.#timer)
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#seconds === 0) return
    this.#timer = setTimeout(() => void this.#tick(), this.#seconds * 1000).unref()
  }

  async #tick(): Promise<void> {
    await this.look()
    this.#wait()
  }
}
