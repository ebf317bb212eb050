import { describe, expect, it } from 'vitest';
import { withScene } from './scene.ts';

const HOOK = new URL('../../../dist/hook.js', import.meta.url).href;
const INDEX = new URL('../../../dist/index.js', import.meta.url).href;
const OTEL_HOOK = import.meta.resolve('@opentelemetry/instrumentation/hook.mjs');

/** An application that sets up the instrumentation itself, and prints the spans' names. */
const SET_UP = `
import { AnthropicInstrumentation } from '${INDEX}';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { BatchSpanProcessor, InMemorySpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
const exporter = new InMemorySpanExporter();
const processor = new BatchSpanProcessor({ exporter });
const tracerProvider = new TracerProvider({ spanProcessors: [processor] });
const instrumentation = new AnthropicInstrumentation();
registerInstrumentations({ instrumentations: [instrumentation], tracerProvider });
const { default: Anthropic } = await import('@anthropic-ai/sdk');
await new Anthropic({ apiKey: 'no-key-needed' }).models.list();
await processor.forceFlush();
console.log(exporter.getFinishedSpans().map(({ name }) => name).join());
`;

const REGISTER_OTEL_HOOK = `import { register } from 'node:module'; register('${OTEL_HOOK}');`;
const asUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

/** OpenTelemetry's own hook calls what Node 26 deprecates; ours does not. */
function withoutDeprecation(stderr: string): string {
  return stderr.replace(/^.*\[DEP0205\].*\n.*--trace-deprecation.*\n/m, '');
}

describe('the loader hook', () => {
  it.each([
    ['as --import', ['--import', HOOK], ''],
    ['as the first import of a set-up file', [], `import '${HOOK}';`],
    ['given twice', ['--import', HOOK], `import '${HOOK}?again';`],
    ['in place of it OpenTelemetry’s own', ['--import', asUrl(REGISTER_OTEL_HOOK)], ''],
    ['after OpenTelemetry’s own', ['--import', asUrl(REGISTER_OTEL_HOOK), '--import', HOOK], ''],
    ['before OpenTelemetry’s own', ['--import', HOOK, '--import', asUrl(REGISTER_OTEL_HOOK)], ''],
  ])('%s: the SDK is instrumented once', async (_how, preload, first) => {
    await withScene(async ({ run }) => {
      const { code, stdout, stderr } = await run(first + SET_UP, { preload, sdk: '0.91.1' });
      const isOursAlone = !preload.includes(asUrl(REGISTER_OTEL_HOOK));
      expect({ code, stderr: isOursAlone ? stderr : withoutDeprecation(stderr) }).toEqual({
        code: 0,
        stderr: '',
      });
      expect(stdout).toBe('GET /v1/models,anthropic.models.list\n');
    });
  });

  it('that cannot be found is told in one line, and the application runs', async () => {
    await withScene(async ({ run }) => {
      // Stands in for a package manager that hides it.
      const breakIt = `
        import Module from 'node:module';
        const resolve = Module._resolveFilename;
        Module._resolveFilename = function (request, ...rest) {
          if (request === 'import-in-the-middle/hook.mjs')
            throw Object.assign(new Error('absent'), { code: 'MODULE_NOT_FOUND' });
          return resolve.call(this, request, ...rest);
        };`;
      const preload = ['--import', asUrl(breakIt), '--import', HOOK];
      const { code, stdout, stderr } = await run("console.log('runs');", { preload });
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'runs\n' });
      expect(stderr).toMatch(/^[^\n]* the loader hook could not start \(MODULE_NOT_FOUND\)[^\n]*\n$/);
    });
  });

  it('is needed: without one nothing is instrumented', async () => {
    await withScene(async ({ run }) => {
      const { stdout } = await run(SET_UP, { preload: 'none', sdk: '0.91.1' });
      expect(stdout).toBe('\n');
    });
  });
});
