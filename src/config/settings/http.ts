import { z } from 'zod'
import { canonicalIp, isIp } from '../../net/address.ts'
import { Fault } from '../issue.ts'
import { isHostName } from '../names.ts'
import { converted, setting, uint16 } from '../setting.ts'

function listenHost(text: string): string | Fault {
  if (text === '') return '0.0.0.0'
  if (isIp(text)) return canonicalIp(text) ?? text
  if (isHostName(text)) return text
  return new Fault(
    'is neither an address nor a host name',
    'write an address of this host without brackets, 0.0.0.0 for all of them, or 127.0.0.1',
  )
}

/** The REST API. */
export const http = {
  httpOn: setting({
    key: 'httpon',
    publicName: 'HttpOn',
    schema: z.boolean(),
    default: true,
    doc: 'Serves the REST API.',
  }),
  httpListener: setting({
    key: 'HTTPListener',
    schema: converted(z.string(), listenHost),
    default: '0.0.0.0',
    doc: 'Address or host name that the REST API listens on.',
  }),
  httpPort: setting({
    key: 'httpport',
    publicName: 'HttpPort',
    schema: uint16,
    default: 8123,
    doc: 'Port of the REST API; 0 lets the system choose.',
  }),
  enumerationOn: setting({
    key: 'EnumerationOn',
    schema: z.boolean(),
    default: true,
    doc: 'Serves `/v1/enumerate` and `/v1/axfr`, the lists of everything.',
  }),
}
