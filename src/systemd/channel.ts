/** How messages get to systemd: lines of `NAME=value` each (sd_notify(3)). */
export interface Channel {
  send(message: string): void
  /** Sends a message that is worth nothing later. */
  sendNow(message: string): void
  close(): void
}
