export { AnthropicInstrumentation } from './instrumentation.ts';
export { optionsTable, type AnthropicInstrumentationConfig, type OptionDocumentation } from './config.ts';
export {
  createRedactor,
  RedactingLogExporter,
  RedactingMetricExporter,
  RedactingSpanExporter,
  type RedactOptions,
  type Redactor,
} from './redaction/index.ts';
export { withFreshGauges } from './fresh-gauges.ts';
export { ATTRIBUTES, EVENTS, METRICS, RATE_LIMIT_FIELDS } from './schema.ts';
