import type { Logger } from '../log.ts'
import { loadSockets, type SocketLibrary } from '../sockets/index.ts'
import type { Channel } from './channel.ts'
import { takeServiceEnvironment } from './environment.ts'
import { ProgramChannel } from './program-channel.ts'
import { SocketChannel } from './socket-channel.ts'

/** What systemd is told of this service. Nothing here ever throws, blocks, or ends the process. */
export interface Notifier {
  /**
   * Longest time between two calls of watchdog(), in milliseconds: half of the time after which systemd
   * takes the service for hung. Undefined if it does not watch this process.
   */
  readonly watchdogMs: number | undefined
  /** The service has started, or has ended a reload. */
  ready(): void
  /** The configuration is being read again; ready() says that this is over, however it went. */
  reloading(): void
  /** The service is ending. Of ready() and reloading() nothing is sent any more. */
  stopping(): void
  /** One line for people, shown by `systemctl status`; not sent again while it says the same. */
  status(text: string): void
  /** The service is alive. */
  watchdog(): void
  /** Frees the socket. Nothing is sent any more. */
  close(): void
}

/** What the messages are sent with. */
export interface NotifierMeans {
  readonly sockets: SocketLibrary | undefined
  /** What stands in for `sockets`. */
  readonly program: string
}

/** Characters of a status; systemd shows one line. */
const MAX_STATUS = 500

/**
 * The notifier of a process with this environment, from which it takes NOTIFY_SOCKET, WATCHDOG_USEC and
 * WATCHDOG_PID away: they are for this process, not for its children. Call it before there are threads,
 * which have copies of the environment. Without NOTIFY_SOCKET it does nothing.
 */
export function createNotifier(
  env: Record<string, string | undefined>,
  log: Logger,
  means?: NotifierMeans,
): Notifier {
  const { socket, watchdogMs } = takeServiceEnvironment(env, process.pid)
  if (socket === undefined) return notifierOf(undefined, undefined)
  const { sockets, program } = means ?? { sockets: loadSockets(), program: 'systemd-notify' }
  if (!/^[/@]./.test(socket)) {
    log.warn(
      { socket },
      'systemd cannot be told how the service fares: no such kind of NOTIFY_SOCKET',
    )
    return notifierOf(undefined, undefined)
  }
  if (sockets === undefined) {
    log.debug('koffi is not installed: systemd is told of the service by systemd-notify')
    return notifierOf(new ProgramChannel(program, socket, env['PATH'], log), undefined)
  }
  try {
    return notifierOf(new SocketChannel(sockets, socket, log), watchdogMs)
  } catch (err) {
    log.warn({ socket, err }, 'systemd cannot be told how the service fares')
    return notifierOf(undefined, undefined)
  }
}

function notifierOf(channel: Channel | undefined, watchdogMs: number | undefined): Notifier {
  let shown = ''
  // A reload may end, or even be asked for, while the service does.
  let isStopping = false
  const sendState = (message: string) => {
    if (!isStopping) channel?.send(message)
  }
  return {
    watchdogMs,
    ready: () => sendState('READY=1'),
    reloading: () => sendState(`RELOADING=1\nMONOTONIC_USEC=${monotonicUsec()}`),
    stopping() {
      sendState('STOPPING=1')
      isStopping = true
    },
    status(text) {
      const line = text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_STATUS)
      if (line !== shown) channel?.send(`STATUS=${line}`)
      shown = line
    },
    watchdog: () => channel?.sendNow('WATCHDOG=1'),
    close() {
      channel?.close()
      channel = undefined
    },
  }
}

/** CLOCK_MONOTONIC, which is what hrtime reads on Linux, in microseconds. */
function monotonicUsec(): bigint {
  return process.hrtime.bigint() / 1000n
}
