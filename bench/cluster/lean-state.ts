import { addressDigits, idDigits, type StatePiece } from './state-file.ts'

/** A task has its own name and its canonical one, each in two views. */
export const NAMES_PER_TASK = 4
const AGENTS = 250
/** SRV records of each service's name. */
export const SERVICE_TARGETS = [1, 10] as const
/** Services of each kind. */
export const SERVICES = 30

export interface LeanStateOptions {
  /** Names that have addresses, those of services aside; a multiple of 4. */
  readonly names: number
  /** Whether there are services, too. */
  readonly services: boolean
}

/**
 * A state with no more about each task than names are made from, so that a million names fit in what a
 * master may send. Tasks `app-N` have one address and three in turn; the services `svc1-N` and `svc10-N` are
 * as many tasks as their names say, each with a port.
 */
export function* leanState({ names, services }: LeanStateOptions): Generator<StatePiece> {
  if (names % NAMES_PER_TASK !== 0) {
    throw new RangeError(`names come in fours, ${names} is no multiple of 4`)
  }
  yield { text: '{"pid":"master@127.0.0.1:5050","leader":"master@127.0.0.1:5050","slaves":[' }
  for (let agent = 0; agent < AGENTS; agent++) {
    const pid = `slave(1)@10.0.${agent >> 6}.${(agent & 63) + 1}:5051`
    yield { text: `${agent === 0 ? '' : ','}{"id":"bench-S${agent}","pid":"${pid}"}` }
  }
  yield { text: '],"frameworks":[{"id":"bench-0","name":"marathon","hostname":"","tasks":[' }
  let index = 0
  const next = (name: string, addresses: number, more?: string) =>
    leanTask(index++, name, addresses, more)
  for (let app = 0; app < names / NAMES_PER_TASK; app++)
    yield next(`app-${app}`, app % 2 === 0 ? 1 : 3)
  for (const targets of services ? SERVICE_TARGETS : []) {
    for (let service = 0; service < SERVICES; service++) {
      const name = `svc${targets}-${service}`
      for (let target = 0; target < targets; target++) yield next(name, 1, discovery(name))
    }
  }
  yield { text: ']}]}' }
}

function discovery(name: string): string {
  const ports = '{"ports":[{"number":8080,"protocol":"tcp"}]}'
  return `,"discovery":{"visibility":"CLUSTER","name":"${name}","ports":${ports}}`
}

function leanTask(task: number, name: string, addresses: number, more = ''): StatePiece {
  const id = `${task === 0 ? '' : ','}{"id":"${name}.`
  const network = `9.${100 + ((task >> 12) & 63)}.${100 + ((task >> 6) & 63)}`
  const head = `${id}${idDigits(task, 0)}","name":"${name}","slave_id":"bench-S${task % AGENTS}","state":"TASK_RUNNING"${more},"statuses":[{"state":"TASK_RUNNING","timestamp":1.0,"container_status":{"network_infos":[{"ip_addresses":[{"ip_address":"${network}.`
  const others = Array.from(
    { length: addresses - 1 },
    (_, n) => `,{"ip_address":"${network}.${n + 1}"}`,
  ).join('')
  return {
    text: `${head}${addressDigits(task, 0)}"}${others}]}]}}]}`,
    task: { id: id.length, address: head.length },
  }
}
