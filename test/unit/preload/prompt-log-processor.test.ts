import { BatchLogRecordProcessor, InMemoryLogRecordExporter, LoggerProvider } from '@opentelemetry/sdk-logs';
import { describe, expect, it } from 'vitest';
import { PromptLogProcessor } from '../../../src/preload/pipeline/prompt-log-processor.ts';

function setUp(maxQueueSize = 4096) {
  const exported = new InMemoryLogRecordExporter();
  const processor = new PromptLogProcessor(
    exported,
    (exporter) => new BatchLogRecordProcessor({ exporter, maxQueueSize, scheduledDelayMillis: 1_000_000 }),
  );
  const logger = new LoggerProvider({ processors: [processor] }).getLogger('test');
  return {
    processor,
    log: (body: string) => logger.emit({ body }),
    bodies: () => exported.getFinishedLogRecords().map(({ body }) => body),
  };
}

describe('log records', () => {
  it('are exported at once, when that is asked for, and not again', async () => {
    const { processor, log, bodies } = setUp();
    log('first');
    processor.exportAtOnce();
    expect(bodies()).toEqual(['first']);
    processor.exportAtOnce();
    await processor.forceFlush();
    expect(bodies()).toEqual(['first']);
    log('second');
    await processor.forceFlush();
    processor.exportAtOnce();
    expect(bodies()).toEqual(['first', 'second']);
  });

  it('that wait are the last 2,048', () => {
    const { processor, log, bodies } = setUp(1);
    for (let count = 0; count < 2_050; count += 1) log(`${count}`);
    processor.exportAtOnce();
    expect([bodies().length, bodies()[0], bodies().at(-1)]).toEqual([2_048, '2', '2049']);
  });
});
