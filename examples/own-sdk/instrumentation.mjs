// An OpenTelemetry set-up of your own. The hook comes first: it lets instrumentations see ES modules.
import 'opentelemetry-instrumentation-anthropic/hook';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';
import { AnthropicInstrumentation } from 'opentelemetry-instrumentation-anthropic';

const sdk = new NodeSDK({
  serviceName: 'own-sdk-example',
  spanProcessors: [new tracing.SimpleSpanProcessor(new tracing.ConsoleSpanExporter())],
  instrumentations: [new AnthropicInstrumentation({ redact: { patterns: [/customer-\d+/] } })],
});
sdk.start();
process.once('beforeExit', () => void sdk.shutdown());
