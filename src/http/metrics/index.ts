import type { Registry } from 'prom-client'
import type { MetricsSource } from './metric.ts'

export type { MetricsSource } from './metric.ts'

/**
 * Makes the text of all metrics when asked. What it takes is loaded by the first one who asks: many
 * servers are never scraped.
 */
export function createMetrics(source: MetricsSource): () => Promise<string> {
  let registry: Promise<Registry> | undefined
  return async () => {
    registry ??= import('./registry.ts').then(({ createRegistry }) => createRegistry(source))
    return (await registry).metrics()
  }
}
