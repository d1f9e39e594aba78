import { workerData } from 'node:worker_threads'
import { ThreadCounters } from '../../src/counters/index.ts'

// A thread that counts and ends without tidying up.
const counters = new ThreadCounters(workerData)
for (let i = 0; i < 1000; i++) counters.answered('udp', 4, 1, 0, false)
counters.connectionOpened()
process.exit()
