// Preloaded beside tsx, which by itself only translates what the main thread imports: worker threads
// started from TypeScript are to run as TypeScript, too.
import { isMainThread } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

if (!isMainThread) register()
