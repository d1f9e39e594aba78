import { type Config, parseConfig } from '../src/config/index.ts'

/** The configuration of a file that names one master and nothing else. */
export function defaultConfig(): Config {
  return parseConfig('{"masters": ["127.0.0.1:5050"]}').config
}
