export { RedactingLogExporter, RedactingMetricExporter, RedactingSpanExporter } from './exporters.ts';
export { withRedaction } from './metric-reader.ts';
export { createRedactor, cut, DEFAULT_CENSOR } from './redactor.ts';
export type { RedactOptions, Redactor } from './redactor.ts';
export { REDACTION_RULES } from './rules.ts';
export { redactSpan } from './views.ts';
