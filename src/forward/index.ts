export type { ForwardClient } from './client.ts'
export {
  createForwarder,
  type ForwardConfig,
  type Forwarder,
  type ForwarderOptions,
} from './forwarder.ts'
