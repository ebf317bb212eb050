import { describe, expect, it } from 'vitest';
import { DetachedExporter } from '../../../src/preload/pipeline/detached-exporter.ts';
import type { ExportResult } from '../../../src/otel-shapes.ts';

function setUp() {
  const log: string[] = [];
  const answers: ((result: ExportResult) => void)[] = [];
  const exporter = new DetachedExporter<string>(
    {
      export: (batch, done) => {
        log.push(batch);
        answers.push(done);
      },
      forceFlush: async () => void log.push('flush'),
      shutdown: async () => void log.push('shutdown'),
    },
    () => log.push('lost'),
  );
  return { exporter, answers, log };
}

describe('an exporter that is not ours', () => {
  it('holds nobody up, and what it loses is told to us alone', () => {
    const { exporter, answers, log } = setUp();
    const results: ExportResult[] = [];
    for (const batch of ['one', 'two']) exporter.export(batch, (result) => results.push(result));
    expect(results).toEqual([{ code: 0 }, { code: 0 }]);
    answers[0]?.({ code: 0 });
    expect(log).toEqual(['one', 'two']);
    answers[1]?.({ code: 1 });
    expect(log).toEqual(['one', 'two', 'lost']);
    expect(results).toHaveLength(2);
  });

  it('flushes and shuts down', async () => {
    const { exporter, log } = setUp();
    await exporter.forceFlush();
    await exporter.shutdown();
    expect(log).toEqual(['flush', 'shutdown']);
  });
});
