/** The service manager: what it is told of the life of this process (sd_notify(3)). */
export { createNotifier, type Notifier, type NotifierMeans } from './notifier.ts'
