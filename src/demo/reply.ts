/** A whole HTTP answer. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** In pieces. */
  readonly body: readonly Buffer[]
}

export const TEXT_TYPE = { 'Content-Type': 'text/plain; charset=utf-8' } as const
export const JSON_TYPE = { 'Content-Type': 'application/json' } as const

export function textReply(status: number, text: string): Reply {
  return { status, headers: TEXT_TYPE, body: [Buffer.from(text)] }
}
