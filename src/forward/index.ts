export type { ForwardClient } from './client.ts'
export {
  createForwarder,
  type ForwardConfig,
  type Forwarder,
  type ForwarderOptions,
  isSameForwarding,
} from './forwarder.ts'
