// Bundlers copy the SDK into the application, where no loader hook sees it: hand the class over yourself.
// The same helps with a copy of the SDK that was loaded before the instrumentation, or under another name.
import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { AnthropicInstrumentation } from 'opentelemetry-instrumentation-anthropic';
import { useFakeApi } from './support/fake-api.mjs';

const instrumentation = new AnthropicInstrumentation();
const sdk = new NodeSDK({
  serviceName: 'bundled-example',
  spanProcessors: [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })],
  instrumentations: [instrumentation],
});
sdk.start();
instrumentation.manuallyInstrument(Anthropic);

const api = await useFakeApi();
const client = new Anthropic(api.options);
const models = await client.models.list({ limit: 1 });
console.log(`first model: ${models.data[0]?.id}`);
await api.close();
await sdk.shutdown();
