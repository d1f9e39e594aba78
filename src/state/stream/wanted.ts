/**
 * What of a JSON value is wanted: the value as it is; as a string that no other value has, so that it need not be
 * pooled; only whether it is an object; of an object certain members; or of a list certain parts of each element. A
 * value of another type than that is wanted as it is.
 */
export type Wanted =
  | 'value'
  | 'unique'
  | 'presence'
  | { readonly members: Readonly<Record<string, Wanted>> }
  | { readonly elements: Wanted }

const VALUE = 'value'

const members = (wanted: Readonly<Record<string, Wanted>>): Wanted => ({ members: wanted })
const elements = (wanted: Readonly<Record<string, Wanted>>): Wanted => ({
  elements: members(wanted),
})

const LABELS = elements({ key: VALUE, value: VALUE })
const V1_LABELS = members({ labels: LABELS })
const ID = members({ value: VALUE })
const DOCKER = members({ network: VALUE, port_mappings: VALUE })

const DISCOVERY = members({
  name: VALUE,
  ports: members({ ports: elements({ number: VALUE, protocol: VALUE, name: VALUE }) }),
})

const statuses = (labels: Wanted): Wanted =>
  elements({
    state: VALUE,
    timestamp: VALUE,
    healthy: VALUE,
    labels,
    container_status: members({
      docker: DOCKER,
      network_infos: elements({
        ip_addresses: elements({ ip_address: VALUE }),
        ip_address: VALUE,
        port_mappings: VALUE,
      }),
    }),
  })

/** What decodeTask looks at in tasks of both documents. */
const TASK = {
  name: VALUE,
  state: VALUE,
  discovery: DISCOVERY,
  container: members({
    docker: DOCKER,
    network_infos: elements({ port_mappings: VALUE }),
  }),
  health_check: 'presence',
} as const

/** What decodeTask looks at in an element of `tasks`. */
export const WANTED_OF_TASK = members({
  ...TASK,
  id: 'unique',
  slave_id: VALUE,
  resources: members({ ports: VALUE }),
  statuses: statuses(LABELS),
  labels: LABELS,
})

/** What decodeAgent looks at in an element of `slaves`. */
export const WANTED_OF_AGENT = members({ id: VALUE, pid: 'unique' })

/** What decodeTask looks at in an element of v1's `tasks`, and whose it is. */
export const WANTED_OF_V1_TASK = members({
  ...TASK,
  task_id: members({ value: 'unique' }),
  framework_id: ID,
  agent_id: ID,
  resources: elements({
    name: VALUE,
    ranges: members({ range: elements({ begin: VALUE, end: VALUE }) }),
  }),
  statuses: statuses(V1_LABELS),
  labels: V1_LABELS,
})

/** What decodeV1Agent looks at. */
export const WANTED_OF_V1_AGENT = members({ agent_info: members({ id: ID }), pid: 'unique' })

/** What decodeV1Framework looks at. */
export const WANTED_OF_V1_FRAMEWORK = members({
  framework_info: members({ id: ID, name: VALUE, pid: VALUE, hostname: VALUE }),
})

/** What counts in an agent that has yet to register again, in both documents. */
export const WANTED_OF_RECOVERED_AGENT = members({ id: ID })
