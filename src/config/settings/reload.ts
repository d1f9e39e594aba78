import { seconds, setting } from '../setting.ts'

/** The configuration itself. */
export const reload = {
  watchSeconds: setting({
    key: 'watchSeconds',
    schema: seconds(0),
    default: 0,
    doc: 'Seconds between two looks at the configuration file and the files it names; what has changed is applied as after SIGHUP. 0 is never.',
  }),
}
