import { readApiError, statusOfType } from '../../../diagnosis/index.ts';
import { flattenLogs, flattenTraces } from '../../../demo/otlp/flatten.ts';
import type { WireLogs, WireTraces } from '../../../demo/otlp/wire.ts';
import { requestIdsIn, requestIdsOf, type Incident } from '../incident.ts';
import { factsIn, statedIn, textAttribute, type AttributeRecord } from './attributes.ts';
import { headersFrom } from './headers.ts';
import { readJaeger } from './jaeger.ts';
import { readLine } from './line.ts';
import { incidentsInSpans, timeOf } from './spans.ts';
import { readErrorText } from './text.ts';
import { asLines, asList, asObject, asText, asTime } from './values.ts';

/** The failures in a JSON value: an export, a log record, a serialized error, an error body. */
export function readJson(value: object): readonly Incident[] {
  const object = asObject(value);
  const jaeger = readJaeger(value);
  if (jaeger) return incidentsInSpans(jaeger, 'Jaeger span');
  if (isOtlp(object)) return readOtlp([object]);
  if (Array.isArray(value) && value.length > 0 && !isGoogleError(value)) return readList(value);
  const log = readLogRecord(object);
  if (log) return [log];
  const error = readSerializedError(object);
  if (error) return [error];
  return [bodyIncident(value)];
}

const EXPORT_KEYS = ['resourceSpans', 'resourceLogs', 'resourceMetrics'];

/** Whether it is an OTLP message, or one in the `result` of a streamed answer. */
export function isOtlp(object: Readonly<Record<string, unknown>>): boolean {
  const result = asObject(object['result']);
  return EXPORT_KEYS.some((key) => object[key] !== undefined || result[key] !== undefined);
}

/** Google's error in a list of its own, as streams of Vertex have it. */
function isGoogleError(list: readonly unknown[]): boolean {
  return list.length === 1 && Object.keys(asObject(asObject(list[0])['error'])).length > 0;
}

/** Spans of one trace may be spread over several messages, as the collector's file exporter writes them. */
function readList(list: readonly unknown[]): readonly Incident[] {
  const otlp = list.map(asObject).filter(isOtlp);
  const rest = list.filter((item) => typeof item === 'object' && item !== null && !isOtlp(asObject(item)));
  return [...readOtlp(otlp), ...rest.flatMap((item) => readJson(item as object))];
}

/** The failures in OTLP messages, seen together. */
export function readOtlp(messages: readonly Readonly<Record<string, unknown>>[]): readonly Incident[] {
  const inner = messages.map((message) => ({ ...asObject(message['result']), ...message }));
  const spans = inner.flatMap((message) => flattenTraces(message as WireTraces));
  const logs = inner.flatMap((message) => flattenLogs(message as WireLogs));
  const ofSpans = incidentsInSpans(spans, 'OTLP span');
  const told = new Set(ofSpans.map(({ traceId }) => traceId));
  const ofLogs = logs
    .filter(({ traceId }) => traceId === undefined || !told.has(traceId))
    .flatMap(({ body, attributes, traceId, time }) => {
      const said = body ?? '';
      const text = typeof said === 'string' ? said : JSON.stringify(said);
      const incident = attributeIncident(attributes, text) ?? readLine(text);
      return incident ? [{ ...incident, source: 'OTLP log record', traceId, time: timeOf(time) }] : [];
    });
  return [...ofSpans, ...ofLogs];
}

/** A record whose attributes are ours. The message behind `: ` in our own line says more than the line. */
function attributeIncident(attributes: AttributeRecord, text: string): Incident | undefined {
  if (textAttribute(attributes, 'error.type') === undefined) return undefined;
  const line = readLine(text);
  const said = line ? (readApiError(line.facts).message ?? line.facts.message ?? '') : text;
  return {
    source: 'log record',
    name: line?.name,
    model: textAttribute(attributes, 'gen_ai.request.model') ?? line?.model,
    facts: factsIn(attributes, said),
    stated: { ...line?.stated, ...statedIn(attributes) },
    requestIds: [
      ...new Set([...requestIdsOf(textAttribute(attributes, 'anthropic.request.id')), ...requestIdsIn(text)]),
    ],
  };
}

const LEVEL_KEYS = ['level', 'severity', 'severityText', 'levelname', 'lvl'];
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 'date'];
const ERROR_KEYS = ['err', 'error', 'exception', 'e', 'reason'];
const TEXT_KEYS = ['msg', 'message', 'body', 'text'];

/** Where the error's message stands in the record itself: in the Elastic Common Schema, of OpenTelemetry, of AWS Lambda. */
const FLAT_MESSAGES = ['error.message', 'exception.message', 'errorMessage'];

/** What loggers call the parts of an error; those of a record itself come before the record's own. */
const PARTS = {
  name: ['error.type', 'exception.type', 'errorType', 'name', 'type'],
  message: [...FLAT_MESSAGES, 'message'],
  stack: ['error.stack_trace', 'exception.stacktrace', 'stackTrace', 'stack_trace', 'stack'],
} as const;

/** A stack may be a list of lines. */
function partOf(object: Readonly<Record<string, unknown>>, part: keyof typeof PARTS): string | undefined {
  const texts = PARTS[part].map((key) => asText(object[key]) ?? asText(asLines(object[key])));
  return texts.find((text) => text !== undefined);
}

const ERROR_CLASS = /^[A-Z]\w*Error$/;

/** A line of pino, bunyan, winston and their like. */
function readLogRecord(object: Readonly<Record<string, unknown>>): Incident | undefined {
  const has = (keys: readonly string[]): boolean => keys.some((key) => object[key] !== undefined);
  const isLog = has(LEVEL_KEYS) || (has(TIME_KEYS) && has([...TEXT_KEYS, ...ERROR_KEYS]));
  if (!isLog) return undefined;
  const text = TEXT_KEYS.map((key) => asText(object[key])).find((one) => one !== undefined) ?? '';
  const incident =
    (FLAT_MESSAGES.some((key) => asText(object[key])) ? readSerializedError(object) : undefined) ??
    attributeIncident(object, text) ??
    ERROR_KEYS.map((key) => readErrorValue(object[key])).find((one) => one !== undefined) ??
    readErrorValue(asObject(object['message'])) ??
    (asText(object['stack']) === undefined ? undefined : readErrorText(String(object['stack']))) ??
    readLine(text) ??
    readErrorText(text);
  const traceId = asText(object['trace_id']) ?? asText(object['traceId']) ?? incident.traceId;
  const ids = requestIdsIn(JSON.stringify(object));
  return { ...incident, source: 'log line', requestIds: ids, traceId, time: incident.time ?? timeIn(object) };
}

const QUIET = /^(?:trace|debug|verbose|info|information|notice|log)$/i;
/** pino's and bunyan's number for a warning. */
const WARNING = 40;

/** Whether a log record says itself that nothing is wrong. */
export function isQuiet(value: object): boolean {
  const object = asObject(value);
  const level = LEVEL_KEYS.map((key) => object[key]).find((one) => one !== undefined);
  return typeof level === 'number' ? level < WARNING : typeof level === 'string' && QUIET.test(level);
}

function timeIn(object: Readonly<Record<string, unknown>>): string | undefined {
  const value = TIME_KEYS.map((key) => object[key]).find((one) => one !== undefined);
  return typeof value === 'number' || typeof value === 'string' ? asTime(value) : undefined;
}

function readErrorValue(value: unknown): Incident | undefined {
  if (typeof value === 'string' && value !== '') return readLine(value) ?? readErrorText(value);
  const object = asObject(value);
  if (Object.keys(object).length === 0) return undefined;
  return readSerializedError(object) ?? bodyIncident(object);
}

/** An error of the SDK that was turned into JSON: by `JSON.stringify`, or by a logger's serializer. */
function readSerializedError(object: Readonly<Record<string, unknown>>): Incident | undefined {
  const { status, headers, error, cause } = object;
  const [name = 'Error', message, printed] = [
    partOf(object, 'name'),
    partOf(object, 'message'),
    partOf(object, 'stack'),
  ];
  const isError =
    printed !== undefined ||
    headers !== undefined ||
    cause !== undefined ||
    object['requestID'] !== undefined ||
    (message !== undefined && ERROR_CLASS.test(name));
  if (!isError) return undefined;
  const inner = cause === undefined && printed !== undefined ? causeIn(printed) : chainOf(cause);
  return {
    source: 'SDK error',
    facts: {
      status: typeof status === 'number' ? status : undefined,
      headers: headersFrom(Object.entries(asObject(headers))),
      body: error ?? undefined,
      message,
      error: { name, message: message ?? '', code: object['code'], cause: inner },
    },
    stated: {},
    requestIds: requestIdsIn(JSON.stringify(object)),
  };
}

/** The causes that a logger printed into the stack. */
function causeIn(stack: string): unknown {
  return asObject(readErrorText(stack).facts.error)['cause'];
}

/** Serializers name a cause's class `type`. */
function chainOf(cause: unknown): unknown {
  if (typeof cause === 'string') return { name: 'Error', message: cause };
  const object = asObject(cause);
  if (Object.keys(object).length === 0) return undefined;
  return {
    name: asText(object['name']) ?? asText(object['type']) ?? 'Error',
    message: asText(object['message']) ?? '',
    code: object['code'],
    cause: chainOf(object['cause']),
    errors: asList(object['errors']).map(chainOf),
  };
}

function bodyIncident(body: object): Incident {
  const { type, origin } = readApiError({ body });
  const status = origin === 'api' && type !== undefined ? statusOfType(type) : undefined;
  return {
    source: 'JSON body',
    facts: { body, status },
    stated: {},
    requestIds: requestIdsIn(JSON.stringify(body)),
  };
}
