import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type RunningServer, type ServerOptions, startServer } from '../../src/app.ts'
import { type ConfigSource, configSource } from '../../src/config/index.ts'
import type { ReloadResult } from '../../src/http/index.ts'
import { encode, type Question } from '../dns/question.ts'
import { type LogLine, recordingLog } from '../recording-log.ts'
import type { Settings } from './running.ts'

/** A server whose configuration is a file that tests write. */
export interface Reloadable {
  readonly server: RunningServer
  readonly source: ConfigSource
  readonly lines: readonly LogLine[]
  /** The configuration file, and the folder that it is in. */
  readonly file: string
  readonly folder: string
  /** Writes a file into the folder; gives its path. */
  write(name: string, text: string): string
  /** Writes the configuration: the settings that it was started with, and others. */
  configure(settings: Settings): void
  /** The same, and has the server read it. */
  reload(settings?: Settings): Promise<ReloadResult>
  dnsPort(): number
  httpUrl(): string
}

const BASE = {
  masters: ['127.0.0.1:1'],
  refreshSeconds: 3600,
  updates: 'poll',
  listener: '127.0.0.1',
  port: 0,
  httpListener: '127.0.0.1',
  httpPort: 0,
  externalOn: false,
  cookies: false,
}

/** Starts it with these settings, and has it stopped when the test ends. */
export async function startReloadable(
  t: TestContext,
  base: Settings = {},
  options: Pick<ServerOptions, 'notifier' | 'loadSockets'> = {},
): Promise<Reloadable> {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-reload-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const configure = (settings: Settings) =>
    void write('config.json', JSON.stringify({ ...BASE, ...base, ...settings }))
  configure({})
  const file = join(folder, 'config.json')
  const source = configSource({ path: file, env: {} })
  const { log, lines } = recordingLog()
  const { config } = source.load()
  const server = await startServer({
    config,
    log,
    version: '0.0.0-test',
    source,
    ...options,
  })
  t.after(() => server.stop())
  return {
    server,
    source,
    lines,
    file,
    folder,
    write,
    configure,
    reload(settings = {}) {
      configure(settings)
      return server.reload('signal')
    },
    dnsPort: () => server.addresses.dns?.port ?? 0,
    httpUrl: () => `http://127.0.0.1:${server.addresses.http?.port ?? 0}`,
  }
}

/** How long a question may stay without a reply, in milliseconds; then it is asked once more. */
const PATIENCE_MS = 400
const TRIES = 50

/** The reply to one question over UDP, as it came. */
export async function askUdp(
  port: number,
  question: Question,
  host = '127.0.0.1',
): Promise<Buffer> {
  const socket = createSocket('udp4')
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      socket.on('message', resolve)
      socket.on('error', () => {})
      let tries = 0
      const send = () => {
        if (++tries > TRIES) reject(new Error('no reply'))
        else socket.send(encode(question), port, host)
      }
      const again = setInterval(send, PATIENCE_MS)
      socket.once('close', () => clearInterval(again))
      send()
    })
  } finally {
    socket.close()
  }
}

/** A GET request over a connection of its own. */
export async function getOnce(url: string): Promise<{ status: number; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).on('error', reject)
  })
  return { status: response.statusCode ?? 0, body: await text(response) }
}

/** A POST request over a connection of its own, with other headers if need be. */
export async function postOnce(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false, method: 'POST', headers }, resolve).on('error', reject).end()
  })
  return { status: response.statusCode ?? 0, body: await text(response) }
}
