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
const DOCKER = members({ network: VALUE, port_mappings: VALUE })

const DISCOVERY = members({
  name: VALUE,
  ports: members({ ports: elements({ number: VALUE, protocol: VALUE, name: VALUE }) }),
})

const STATUSES = elements({
  state: VALUE,
  timestamp: VALUE,
  healthy: VALUE,
  labels: LABELS,
  container_status: members({
    docker: DOCKER,
    network_infos: elements({
      ip_addresses: elements({ ip_address: VALUE }),
      ip_address: VALUE,
      port_mappings: VALUE,
    }),
  }),
})

/** What decodeTask looks at in an element of `tasks`. */
export const WANTED_OF_TASK = members({
  id: 'unique',
  name: VALUE,
  slave_id: VALUE,
  state: VALUE,
  resources: members({ ports: VALUE }),
  statuses: STATUSES,
  discovery: DISCOVERY,
  container: members({
    docker: DOCKER,
    network_infos: elements({ port_mappings: VALUE }),
  }),
  health_check: 'presence',
  labels: LABELS,
})

/** What decodeAgent looks at in an element of `slaves`. */
export const WANTED_OF_AGENT = members({ id: VALUE, pid: 'unique' })
