import { isObject } from './narrow.ts'

/**
 * Whether a ContainerInfo, or a ContainerStatus, maps a container port to a host port: Docker's bridge network does, and any
 * network with `port_mappings`. The same in `/state` and v1.
 */
export function hasPortMappings(container: unknown): boolean {
  if (!isObject(container)) return false
  const { docker, network_infos: networks } = container
  if (isObject(docker) && (docker.network === 'BRIDGE' || isFilled(docker.port_mappings)))
    return true
  return (
    Array.isArray(networks) &&
    networks.some((network) => isObject(network) && isFilled(network.port_mappings))
  )
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
