export { AnthropicInstrumentation } from './instrumentation.ts';
export { optionsTable, type AnthropicInstrumentationConfig, type RedactOptions } from './config.ts';
export { createRedactor, type Redactor } from './redaction/index.ts';
export { ATTRIBUTES, METRICS, RATE_LIMIT_FIELDS } from './schema.ts';
