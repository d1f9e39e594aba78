// A server for source-address.test.ts, which runs it in a network namespace. Argument: `batch` or `dgram`.
import { listenDns } from '../../src/dns/index.ts'
import { silentLogger } from '../../src/log.ts'
import { localAddresses } from '../../src/net/interfaces.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { recordSet } from '../presentation.ts'

const udp = process.argv[2] === 'batch' ? 'batch' : 'dgram'
const config = { ...defaultConfig(), port: 53, listener: ['0.0.0.0'], udp } as const

const server = await listenDns({
  config,
  version: '1.2.3',
  log: silentLogger,
  // An upstream that answers every query with REFUSED, a moment later.
  forwarder: {
    async forward(query) {
      const reply = Buffer.from(query)
      await new Promise((resolve) => setTimeout(resolve, 5))
      reply[2] = 0x81
      reply[3] = 0x85
      return reply
    },
    async finish() {},
    async close() {},
  },
  addresses: localAddresses,
})
server.publish(zoneOf(recordSet(['leader.mesos. - A 10.0.0.1']), config, 1))
process.on('SIGTERM', () => server.close())
process.stdout.write('listening\n')
