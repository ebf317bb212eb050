/**
 * Spans, log records and metrics without their secrets. What needs no redaction is returned as it is; of
 * the rest a view is made that inherits from the original, which stays as other processors see it.
 */
import { SpanStatusCode } from '@opentelemetry/api';
import type { Attributes, Link, SpanContext } from '@opentelemetry/api';

import { DEFAULT_CENSOR } from './text.ts';
import type { Redactor } from './redactor.ts';
import type {
  DataPoint,
  MetricData,
  ReadableLogRecord,
  ReadableSpan,
  Resource,
  ResourceMetrics,
  Scope,
  ScopeMetrics,
  SpanEvent,
} from '../otel-shapes.ts';

/** Reads a field and redacts it. A field that fails in either is replaced. */
function guarded<T>(redact: () => T, replacement: T): T {
  try {
    return redact();
  } catch {
    return replacement;
  }
}

function text(redactor: Redactor, read: () => string): string {
  return guarded(() => redactor.text(read()), DEFAULT_CENSOR);
}

/** The same array when no item changes. */
function mapped<T>(items: T[], redact: (item: T) => T): T[] {
  const redacted = items.map(redact);
  return redacted.every((item, index) => item === items[index]) ? items : redacted;
}

function changedFields<T extends object>(original: T, fields: Partial<T>): Partial<T> | undefined {
  const keys = (Object.keys(fields) as (keyof T)[]).filter(
    (key) =>
      !Object.is(
        fields[key],
        guarded<unknown>(() => original[key], fields),
      ),
  );
  if (keys.length === 0) return undefined;
  return Object.fromEntries(keys.map((key) => [key, fields[key]])) as Partial<T>;
}

/** An object that inherits from `original` and differs in these fields; `original` where none differs. */
function view<T extends object>(original: T, fields: Partial<T>): T {
  const changed = changedFields(original, fields);
  if (changed === undefined) return original;
  return Object.create(original, Object.getOwnPropertyDescriptors(changed)) as T;
}

/** As {@link view}, for plain data: a copy, whose fields are its own. */
function copy<T extends object>(original: T, fields: Partial<T>): T {
  const changed = changedFields(original, fields);
  return changed === undefined ? original : { ...original, ...changed };
}

/**
 * Exporters group by the identity of resources and scopes: each has one view, and one for each redactor.
 */
class Views {
  readonly #views = new WeakMap<Redactor, WeakMap<object, object>>();

  of<T extends object>(redactor: Redactor, original: T, make: () => T): T {
    let views = this.#views.get(redactor);
    if (views === undefined) this.#views.set(redactor, (views = new WeakMap()));
    let made = views.get(original);
    if (made === undefined) views.set(original, (made = make()));
    return made as T;
  }
}

const settledResources = new Views();
const pendingResources = new Views();
const scopes = new Views();

/** The fields of a resource that tell its attributes, the second of them for merging. */
function resourceAttributes(read: () => Attributes): PropertyDescriptorMap {
  return {
    attributes: { get: read, enumerable: true },
    getRawAttributes: { value: () => Object.entries(read()) },
  };
}

function settledView<R extends Resource>(resource: R, redactor: Redactor): R {
  const attributes = redactor.attributes(resource.attributes);
  if (attributes === resource.attributes) return resource;
  return Object.create(
    resource,
    resourceAttributes(() => attributes),
  ) as R;
}

/** Reads through to a resource whose attributes settle later, and redacts them when they are read. */
function pendingView<R extends Resource>(resource: R, redactor: Redactor): R {
  return Object.create(resource, {
    ...resourceAttributes(() => redactor.attributes(resource.attributes)),
    asyncAttributesPending: { get: () => resource.asyncAttributesPending, enumerable: true },
    waitForAsyncAttributes: { value: () => resource.waitForAsyncAttributes?.() ?? Promise.resolve() },
  }) as R;
}

const NO_RESOURCE: Resource = Object.create(
  {},
  resourceAttributes(() => ({})),
) as Resource;

function redactResource<R extends Resource>(read: () => R, redactor: Redactor): R {
  return guarded(() => {
    const resource = read();
    return resource.asyncAttributesPending === true
      ? pendingResources.of(redactor, resource, () => pendingView(resource, redactor))
      : settledResources.of(redactor, resource, () => settledView(resource, redactor));
  }, NO_RESOURCE as R);
}

function redactScope<S extends Scope>(read: () => S, redactor: Redactor): S {
  return guarded(
    () => {
      const scope = read();
      return scopes.of(redactor, scope, () => redactor.attributes(scope));
    },
    { name: DEFAULT_CENSOR } as S,
  );
}

/** Trace state is free text of other parties: it goes as a whole when it holds a secret. */
function redactSpanContext(context: SpanContext, redactor: Redactor): SpanContext {
  if (context.traceState === undefined) return context;
  const state = guarded(() => context.traceState?.serialize() ?? '', DEFAULT_CENSOR);
  if (state !== DEFAULT_CENSOR && redactor.text(state) === state) return context;
  const { traceState: _dropped, ...rest } = context;
  return rest;
}

function redactEvent<E extends SpanEvent>(event: E, redactor: Redactor): E {
  return guarded(
    () =>
      copy<SpanEvent>(event, {
        name: redactor.text(event.name),
        ...(event.attributes === undefined ? {} : { attributes: redactor.attributes(event.attributes) }),
      }) as E,
    { name: DEFAULT_CENSOR, time: [0, 0] } as SpanEvent as E,
  );
}

function redactLink(link: Link, redactor: Redactor): Link {
  return copy<Link>(link, {
    context: redactSpanContext(link.context, redactor),
    ...(link.attributes === undefined ? {} : { attributes: redactor.attributes(link.attributes) }),
  });
}

/** Links whose redaction fails are left out: a link without its context is none. */
function redactLinks(links: Link[], redactor: Redactor): Link[] {
  try {
    return mapped(links, (link) => redactLink(link, redactor));
  } catch {
    return [];
  }
}

/**
 * The span without secrets in its name, attributes (keys and values), status message, events, links, trace
 * state, scope and resource. The span itself when it has none; never throws.
 */
export function redactSpan<S extends ReadableSpan>(span: S, redactor: Redactor): S {
  const fields: Partial<ReadableSpan> = {
    name: text(redactor, () => span.name),
    attributes: guarded(() => redactor.attributes(span.attributes), {}),
    status: guarded(
      () => (span.status.message === undefined ? span.status : redactor.attributes(span.status)),
      { code: SpanStatusCode.UNSET },
    ),
    events: guarded(() => mapped(span.events, (event) => redactEvent(event, redactor)), []),
    links: guarded(() => redactLinks(span.links, redactor), []),
    resource: redactResource(() => span.resource, redactor),
    instrumentationScope: redactScope(() => span.instrumentationScope, redactor),
    ...guarded(() => redactedContext(span, redactor), {}),
  };
  return view<ReadableSpan>(span, fields) as S;
}

/** `spanContext` alone is a method: it is replaced only where the trace state must go. */
function redactedContext(span: ReadableSpan, redactor: Redactor): Partial<ReadableSpan> {
  const context = span.spanContext();
  const redacted = redactSpanContext(context, redactor);
  return redacted === context ? {} : { spanContext: () => redacted };
}

/** As {@link redactSpan}, for log records: severity text, event name, body, attributes, scope and resource. */
export function redactLogRecord<R extends ReadableLogRecord>(record: R, redactor: Redactor): R {
  const fields: Partial<ReadableLogRecord> = {
    body: guarded(() => redactor.value(record.body), DEFAULT_CENSOR),
    attributes: guarded(() => redactor.attributes(record.attributes), {}),
    resource: redactResource(() => record.resource, redactor),
    instrumentationScope: redactScope(() => record.instrumentationScope, redactor),
    ...(record.severityText === undefined
      ? {}
      : { severityText: text(redactor, () => record.severityText ?? '') }),
    ...(record.eventName === undefined ? {} : { eventName: text(redactor, () => record.eventName ?? '') }),
  };
  return view<ReadableLogRecord>(record, fields) as R;
}

function redactMetric(metric: MetricData, redactor: Redactor): MetricData {
  const points = metric.dataPoints as DataPoint[];
  return copy<MetricData>(metric, {
    descriptor: redactor.attributes(metric.descriptor),
    dataPoints: mapped(points, (point) =>
      copy<DataPoint>(point, { attributes: guarded(() => redactor.attributes(point.attributes), {}) }),
    ),
  });
}

function redactScopeMetrics(group: ScopeMetrics, redactor: Redactor): ScopeMetrics {
  return copy<ScopeMetrics>(group, {
    scope: redactScope(() => group.scope, redactor),
    metrics: mapped(group.metrics as MetricData[], (metric) => redactMetric(metric, redactor)),
  });
}

/** As {@link redactSpan}, for metrics: descriptors, attributes of data points, scopes and resource. */
export function redactMetrics<M extends ResourceMetrics>(metrics: M, redactor: Redactor): M {
  const fields: Partial<ResourceMetrics> = {
    resource: redactResource(() => metrics.resource, redactor),
    scopeMetrics: guarded(
      () => mapped(metrics.scopeMetrics as ScopeMetrics[], (group) => redactScopeMetrics(group, redactor)),
      [],
    ),
  };
  return copy<ResourceMetrics>(metrics, fields) as M;
}
