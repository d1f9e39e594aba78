import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { type Config, loadConfig } from '../config/index.ts'
import { goJsonChunks } from '../go-json.ts'
import { type HostPort, parseHostPort } from '../net/address.ts'
import { reachableAddresses } from '../net/interfaces.ts'
import { axfrBody } from '../records/axfr.ts'
import { generateRecords } from '../records/generate.ts'
import type { RecordSet, RRset } from '../records/record-set.ts'
import { Report } from '../report.ts'
import { decodeState } from '../state/decode.ts'
import { StateFormatError } from '../state/errors.ts'
import { createHostResolver, hostsToResolve } from '../state/host-resolver.ts'
import type { ClusterState } from '../state/model.ts'
import { contentHash } from '../zone/content-hash.ts'
import { zoneFile } from '../zone/zone-file.ts'
import { EXIT } from './exit-status.ts'
import { checkWhole } from './numbers.ts'
import type { Terminal } from './terminal.ts'

export interface RenderOptions {
  readonly config: string | undefined
  /** Path, or `-`. */
  readonly state: string
  readonly format: 'zone' | 'json' | 'axfr'
  readonly serial: number | undefined
  /** Whether host names may be looked up; otherwise only `localhost` has an address. */
  readonly resolve: boolean
}

/** Prints the records a server with this configuration would have while a cluster is in this state. */
export async function render(options: RenderOptions, terminal: Terminal): Promise<number> {
  checkWhole('--serial', options.serial, 0xffff_ffff)
  const { config } = loadConfig({ path: options.config, env: terminal.env })
  const report = new Report()
  const state = await readState(options.state, report)
  const masters = mastersOf(config, state)
  const records = generateRecords({
    state,
    masters,
    hosts: await addressesOf(hostsToResolve(state, masters), options.resolve),
    listenerAddresses: reachableAddresses(config.listener),
    config,
    report,
  })
  const serial = options.serial ?? derivedSerial(records)
  for (const piece of pieces(output(options.format, records, config, serial))) terminal.out(piece)
  for (const line of summary(report)) terminal.complain(line)
  return EXIT.OK
}

function output(
  format: RenderOptions['format'],
  records: RecordSet,
  config: Config,
  serial: number,
): Iterable<string> {
  switch (format) {
    case 'zone':
      return zoneFile(records, config, serial)
    case 'json':
      return jsonList(records, config.ttl)
    case 'axfr': {
      const { ttl, refreshSeconds, soaMname: mname, soaRname: rname, domain } = config
      const zone = { ttl, serial, refreshSeconds, mname, rname, domain }
      return goJsonChunks(axfrBody(records, zone))
    }
  }
}

/** A JSON array with one RRset a line, by name and type. */
function* jsonList(records: RecordSet, defaultTtl: number): Generator<string> {
  let before = '[\n'
  for (const { name, type, ttl = defaultTtl, rdata } of [...records].sort(byNameAndType)) {
    yield `${before}  ${JSON.stringify({ name, type, ttl, rdata })}`
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

function byNameAndType(a: RRset, b: RRset): number {
  const [left, right] = [`${a.name} ${a.type}`, `${b.name} ${b.type}`]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The first 31 bits of the content's hash: the same records always have the same serial. */
function derivedSerial(records: RecordSet): number {
  return Number.parseInt(contentHash(records).slice(0, 8), 16) >>> 1
}

async function readState(path: string, report: Report): Promise<ClusterState> {
  const name = path === '-' ? 'standard input' : path
  try {
    const body = path === '-' ? await text(process.stdin) : readFileSync(path, 'utf8')
    return decodeState(JSON.parse(body), report)
  } catch (error) {
    throw new StateFormatError(`${name}${problemOf(error)}`, { cause: error })
  }
}

function problemOf(error: unknown): string {
  // What a parser quotes of the text may have line ends.
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
  if (error instanceof StateFormatError) return `: ${reason}`
  const problem = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
  return ` ${problem} (${reason}); --state takes a file with the body of GET /state`
}

/** The configured masters; where ZooKeeper would tell them, the state's leader alone. */
function mastersOf({ masters }: Config, { leader }: ClusterState): HostPort[] {
  if (masters.length > 0) return masters.flatMap((master) => parseHostPort(master) ?? [])
  return leader === undefined ? [] : [leader]
}

async function addressesOf(
  hosts: readonly string[],
  resolve: boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (resolve) return createHostResolver().resolve(hosts)
  return new Map([['localhost', ['127.0.0.1']]])
}

/** Joins short pieces, so that a large zone is not written line by line. */
function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < 64 * 1024) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/** One line for each kind of problem, with an example. */
function summary(report: Report): string[] {
  return [...report.counts()].map(([kind, count]) => {
    const example = report.problems.find((problem) => problem.kind === kind)
    const more = count === 1 ? '' : ` (and ${count - 1} more)`
    return `${kind}: ${[example?.object, example?.detail].filter(Boolean).join(': ')}${more}`
  })
}
