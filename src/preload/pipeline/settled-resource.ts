/** Waits for a resource's attributes, or does without those that are still to come. */
import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

/** The resource of what was seen last. */
export interface NoticedResource {
  current?: Resource;
}

/**
 * A span processor that keeps the resource of what it sees, which all telemetry of an SDK shares, and has it settle
 * from the first span on: a process that exits has no time for that.
 */
export function noticingResource(processor: SpanProcessor, resource: NoticedResource): SpanProcessor {
  let isSettling = false;
  return {
    onStart: (span, context) => {
      if (!isSettling) {
        isSettling = true;
        void span.resource.waitForAsyncAttributes?.();
      }
      processor.onStart(span, context);
    },
    onEnd: (span) => {
      resource.current = span.resource;
      processor.onEnd(span);
    },
    forceFlush: processor.forceFlush.bind(processor),
    shutdown: processor.shutdown.bind(processor),
  };
}

/**
 * Runs a function that finds the resource settled. Processors export later what has attributes that are still to
 * come, such as the host's ID, and there is no later for a process that ends: it goes without these.
 */
export function withSettledResource(resource: object | undefined, run: () => void): void {
  if (!resource) {
    run();
    return;
  }
  const name = 'asyncAttributesPending';
  const own = Object.getOwnPropertyDescriptor(resource, name);
  Object.defineProperty(resource, name, { configurable: true, value: false });
  try {
    run();
  } finally {
    Reflect.deleteProperty(resource, name);
    if (own) Object.defineProperty(resource, name, own);
  }
}
