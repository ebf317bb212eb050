export { RedactingLogExporter, RedactingMetricExporter, RedactingSpanExporter } from './exporters.ts';
export { withRedaction } from './metric-reader.ts';
export { isCensor, isPattern } from './check-options.ts';
export { isSecretName } from './names.ts';
export { createRedactor } from './redactor.ts';
export type { Redactor } from './redactor.ts';
export { REDACTION_RULES } from './rules.ts';
export { cut, DEFAULT_CENSOR } from './text.ts';
export type { RedactOptions } from './text.ts';
