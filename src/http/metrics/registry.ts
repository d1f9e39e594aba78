import { Counter, Gauge, Registry } from 'prom-client'
import { FOLLOWING } from './following.ts'
import type { Metric, MetricsSource } from './metric.ts'
import { SERVER } from './server.ts'

/** Every metric there is, in the order in which they are shown. */
export const METRICS: readonly Metric[] = [...SERVER, ...FOLLOWING]

/** A registry that reads all its values from `source` whenever it is asked for them. */
export function createRegistry(source: MetricsSource): Registry {
  const registry = new Registry()
  for (const metric of METRICS) register(registry, metric, source)
  return registry
}

function register(registry: Registry, metric: Metric, source: MetricsSource): void {
  const { name, help, type, labels } = metric
  const options = {
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      sink.reset()
      // What has no labels starts at 0 here, but what is not known is not 0.
      if (labels.length === 0) sink.remove()
      for (const sample of metric.read(source)) sink.inc(sample.labels ?? {}, sample.value)
    },
  }
  const sink: Counter | Gauge = type === 'counter' ? new Counter(options) : new Gauge(options)
}
