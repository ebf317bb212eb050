import type { Redactor } from './redactor.ts';
import type { ResourceMetrics } from '../otel-shapes.ts';
import { redactMetrics } from './views.ts';

/** The part of a metric reader that hands out what it collected. */
interface Collecting {
  collect(options?: never): Promise<{ readonly resourceMetrics: ResourceMetrics }>;
}

/**
 * Lets a metric reader collect metrics without their secrets: for one that has no exporter, since it is asked
 * for them, as Prometheus asks.
 *
 * @returns the same reader.
 */
export function withRedaction<R extends Collecting>(reader: R, redactor: Redactor): R {
  const collect = reader.collect.bind(reader);
  reader.collect = async (options) => {
    const collected = await collect(options);
    return { ...collected, resourceMetrics: redactMetrics(collected.resourceMetrics, redactor) };
  };
  return reader;
}
