import {
  context,
  diag,
  DiagLogLevel,
  metrics,
  propagation,
  trace,
  type ProxyTracerProvider,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiRegistry, registrations, type ApiKind } from '../../../src/preload/api/registry.ts';

const KEY = Symbol.for('opentelemetry.js.api.1');
const LOGS_KEY = Symbol.for('io.opentelemetry.js.api.logs');
const holder = globalThis as { [KEY]?: object | undefined; [LOGS_KEY]?: unknown };

const nothing = (): void => {};
const SILENT = { error: nothing, warn: nothing, info: nothing, debug: nothing, verbose: nothing };
const tracing = () => (trace.getTracerProvider() as ProxyTracerProvider).getDelegate();

describe('the watch over what is registered with the API', () => {
  const ours = { traces: new BasicTracerProvider(), metrics: new MeterProvider() };
  let heard: ApiKind[];
  let releases: readonly ApiKind[];
  let registry: ApiRegistry;

  const read = (): void => {
    trace.getTracer('test').startSpan('span').end();
    expect(metrics.getMeterProvider()).toBe(ours.metrics);
    expect(context.active()).toBeDefined();
    expect(propagation.fields()).not.toEqual([]);
  };

  beforeEach(async () => {
    heard = [];
    releases = [];
    trace.setGlobalTracerProvider(ours.traces);
    metrics.setGlobalMeterProvider(ours.metrics);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    registry = new ApiRegistry((kind) => {
      heard.push(kind);
      for (const released of releases) registry.release(released);
    });
    await Promise.resolve();
  });
  afterEach(() => {
    delete holder[KEY];
    delete holder[LOGS_KEY];
  });

  it('hears of a registration, which succeeds where ours makes way', () => {
    releases = ['trace'];
    const theirs = new BasicTracerProvider();
    expect(trace.setGlobalTracerProvider(theirs)).toBe(true);
    expect(tracing()).toBe(theirs);
    expect(metrics.getMeterProvider()).toBe(ours.metrics);
    expect(heard).toEqual(['trace']);
    // What is theirs is not taken back.
    registry.release('trace');
    expect(tracing()).toBe(theirs);
    expect(trace.setGlobalTracerProvider(new BasicTracerProvider())).toBe(false);
    expect(heard).toEqual(['trace']);
  });

  it('makes way for more than one kind at a time', () => {
    releases = ['trace', 'metrics', 'context', 'propagation', 'logs'];
    const theirs = new MeterProvider();
    expect(metrics.setGlobalMeterProvider(theirs)).toBe(true);
    expect(metrics.getMeterProvider()).toBe(theirs);
    expect(context.setGlobalContextManager(new AsyncLocalStorageContextManager())).toBe(true);
    expect(registrations()).not.toHaveProperty('propagation');
    expect(heard).toEqual(['metrics']);
  });

  it('hears of it also where ours stays, as it is', () => {
    expect(metrics.setGlobalMeterProvider(new MeterProvider())).toBe(false);
    expect(metrics.getMeterProvider()).toBe(ours.metrics);
    expect(heard).toEqual(['metrics']);
  });

  it('hears nothing where something is only read', async () => {
    read();
    diag.setLogger(SILENT, DiagLogLevel.NONE);
    read();
    const assigned = registrations();
    holder[KEY] = assigned;
    if (assigned) assigned.diag = SILENT;
    read();
    // A copy that assigns the object, and registers nothing.
    holder[KEY] = assigned;
    await Promise.resolve();
    read();
    expect(heard).toEqual([]);
  });

  it('hears of what is registered after the application has cleared it', () => {
    releases = ['trace', 'metrics'];
    trace.disable();
    metrics.disable();
    const theirs = new MeterProvider();
    expect(metrics.setGlobalMeterProvider(theirs)).toBe(true);
    expect(heard).toEqual(['metrics']);
    expect(metrics.getMeterProvider()).toBe(theirs);
  });

  it('leaves alone another object in the place of the API’s', () => {
    const frozen = Object.freeze({});
    holder[KEY] = frozen;
    expect(registrations()).toBe(frozen);
    expect(() => registry.release('trace')).not.toThrow();
  });

  it('captures what is registered meanwhile, and keeps of it loggers alone', () => {
    const theirs = { traces: new BasicTracerProvider(), logs: {}, newerLogs: {} };
    const captured = registry.capture(() => {
      expect(trace.setGlobalTracerProvider(theirs.traces)).toBe(true);
      diag.setLogger(SILENT, DiagLogLevel.NONE);
      holder[LOGS_KEY] = theirs.logs;
      Object.assign(registrations() ?? {}, { logs: theirs.newerLogs });
    });
    expect(Object.keys(captured).toSorted()).toEqual(['diag', 'logs', 'trace', 'version']);
    expect(tracing()).toBe(theirs.traces);
    expect(registrations()?.diag).toBe(captured.diag);
    expect(registrations()?.logs).toBe(theirs.newerLogs);
    expect(heard).toEqual([]);
    registry.release('metrics');
    expect(holder[LOGS_KEY]).toBe(theirs.logs);
    registry.release('logs');
    expect(registrations()).not.toHaveProperty('logs');
    expect(LOGS_KEY in holder).toBe(false);
  });

  it('takes back no loggers that others have registered', () => {
    registry.capture(() => {
      holder[LOGS_KEY] = {};
    });
    const own = (holder[LOGS_KEY] = {});
    registry.release('logs');
    expect(holder[LOGS_KEY]).toBe(own);
    registry.capture(nothing);
    registry.release('logs');
    expect(holder[LOGS_KEY]).toBe(own);
  });

  it('is as before where what is captured fails', () => {
    const before = registrations();
    expect(() =>
      registry.capture(() => {
        throw new EvalError('broken');
      }),
    ).toThrow(EvalError);
    expect(registrations()).toBe(before);
    trace.setGlobalTracerProvider(new BasicTracerProvider());
    expect(heard).toEqual(['trace']);
  });
});
