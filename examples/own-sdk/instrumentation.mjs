// An OpenTelemetry set-up of your own. The hook comes first: it lets instrumentations see ES modules.
import 'opentelemetry-instrumentation-anthropic/hook';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { AnthropicInstrumentation } from 'opentelemetry-instrumentation-anthropic';

const sdk = new NodeSDK({
  serviceName: 'own-sdk-example',
  spanProcessors: [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })],
  instrumentations: [new AnthropicInstrumentation({ redact: { patterns: [/customer-\d+/] } })],
});
sdk.start();
process.once('beforeExit', () => void sdk.shutdown());
