import type { Attributes, Histogram } from '@opentelemetry/api';

interface Measurement {
  readonly histogram: Histogram;
  readonly value: number;
  readonly attributes: Attributes;
}

const MAX_WAITING = 128;

/**
 * Keeps measurements until metrics are collected, or until there are many. A metrics SDK sorts and serializes
 * the attributes of each one: many in a row cost half of what they cost one by one among other work, and none
 * of it delays a call. The price: the values are recorded outside of their call's context, which exemplars would
 * need.
 */
export class DeferredHistograms {
  #waiting: Measurement[] = [];

  record(histogram: Histogram, value: number, attributes: Attributes): void {
    if (this.#waiting.push({ histogram, value, attributes }) >= MAX_WAITING) this.flush();
  }

  /** Records what waits. A histogram that throws costs its own values alone. */
  flush(): void {
    const measurements = this.#waiting;
    this.#waiting = [];
    for (const { histogram, value, attributes } of measurements) {
      try {
        histogram.record(value, attributes);
      } catch {
        // The meter belongs to the application.
      }
    }
  }
}
