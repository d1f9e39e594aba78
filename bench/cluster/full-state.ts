import { largeCluster, stateDocument } from '../../src/demo/index.ts'
import { Random } from '../../src/demo/random.ts'
import { addressDigits, ID_DIGITS, idDigits, type StatePiece } from './state-file.ts'

const SEED = 1
/** Milliseconds since the epoch: nothing in the text may depend on when it was made. */
const MADE_AT = 1_700_000_000_000

type Json = Record<string, unknown>

/**
 * The state of a cluster as a master of Mesos 1.12 sends it, about one and a half kilobytes for each task:
 * apps of ten instances on a hundredth as many agents, in turn with health checks, several ports,
 * addresses of their own and DiscoveryInfo. The same for the same number of tasks.
 */
export function* fullState({ tasks }: { readonly tasks: number }): Generator<StatePiece> {
  const cluster = largeCluster({ tasks }, { seed: SEED, clock: () => MADE_AT })
  const [master] = cluster.masters
  if (master === undefined) throw new RangeError('a cluster has a master')
  const random = new Random(SEED)
  const { frameworks, ...head } = stateDocument(cluster, master)
  yield { text: open(head, 'frameworks') }
  let index = 0
  for (const [n, { tasks: list, ...framework }] of (frameworks as Json[]).entries()) {
    yield { text: `${n === 0 ? '' : ','}${open(framework, 'tasks')}` }
    let before = ''
    for (const task of list as Iterable<Json>) {
      yield taskPiece(index++, task, random, before)
      before = ','
    }
    yield { text: ']}' }
  }
  yield { text: ']}' }
}

/** The text of an object up to the first element of a list that is its last member. */
function open(object: Json, list: string): string {
  return `${JSON.stringify(object).slice(0, -1)},"${list}":[`
}

function taskPiece(index: number, task: Json, random: Random, before: string): StatePiece {
  const text = before + JSON.stringify({ ...deployment(random), ...task })
  const id = JSON.stringify(task['id'])
  const idEnds = text.indexOf(`"id":${id}`) + '"id":'.length + id.length - 1
  const idAt = idEnds - ID_DIGITS
  // The last status is the one that counts.
  const ipv4 = '"protocol":"IPv4","ip_address":"'
  const address = text.lastIndexOf(ipv4) + ipv4.length
  const addressEnds = text.indexOf('"', address)
  const addressAt = text.lastIndexOf('.', addressEnds) + 1
  return {
    text:
      text.slice(0, idAt) +
      idDigits(index, 0) +
      text.slice(idEnds, addressAt) +
      addressDigits(index, 0) +
      text.slice(addressEnds),
    task: { id: idAt, address: addressAt },
  }
}

/** What schedulers and their users add to tasks, and names are not made from. */
function deployment(random: Random): Json {
  const version = `2023-11-14T${10 + random.below(14)}:${10 + random.below(50)}:00.000Z`
  const labels = {
    MARATHON_APP_VERSION: version,
    owner: `team-${random.below(40)}@example.test`,
    HAPROXY_GROUP: random.below(2) === 0 ? 'external' : 'internal',
    deployment: random.uuid(),
    commit: random.uuid(),
  }
  return {
    user: 'nobody',
    labels: Object.entries(labels).map(([key, value]) => ({ key, value })),
    container: {
      type: 'MESOS',
      mesos: {
        image: {
          type: 'DOCKER',
          docker: { name: `registry.example.test/group-${random.below(50)}/app:${random.uuid()}` },
          cached: true,
        },
      },
      volumes: ['configuration', 'cache'].map((name) => ({
        mode: 'RW',
        container_path: `/var/lib/app/${name}`,
        source: { type: 'HOST_PATH', host_path: { path: `/srv/volumes/${random.uuid()}/${name}` } },
      })),
    },
  }
}
