import {
  adviceFor,
  diagnose,
  hintRow,
  readApiError,
  type Advice,
  type Diagnosis,
  type Kind,
} from '../../diagnosis/index.ts';
import type { Incident } from './incident.ts';

/** What is said of one failure, or of several that are alike. */
export interface Explanation {
  readonly count: number;
  readonly source: string;
  readonly name: string | undefined;
  readonly models: readonly string[];
  readonly status: number | undefined;
  readonly diagnosis: Diagnosis;
  readonly advice: Advice;
  /** What the API or the SDK said, of the first. Not redacted. */
  readonly message: string | undefined;
  readonly attempts: readonly string[];
  readonly requestIds: readonly string[];
  readonly traceIds: readonly string[];
  readonly times: readonly string[];
  readonly support: string;
}

const MOST_IDS = 10;

/** Explains failures; those that are alike are told once, with their number. */
export function explain(incidents: readonly Incident[]): readonly Explanation[] {
  const groups = new Map<string, { readonly incidents: Incident[]; readonly diagnosis: Diagnosis }>();
  for (const incident of incidents) {
    const diagnosis = diagnosisOf(incident);
    const { kind, errorType, code, cause, hint, field } = diagnosis;
    const key = JSON.stringify([
      incident.source,
      incident.facts.status,
      kind,
      errorType,
      code,
      cause,
      hint,
      field,
    ]);
    const group = groups.get(key);
    if (group) group.incidents.push(incident);
    else groups.set(key, { incidents: [incident], diagnosis });
  }
  return [...groups.values()].map((group) => explanationOf(group.incidents, group.diagnosis));
}

/** What the tables say of the facts; what the span states already counts before it. */
function diagnosisOf({ facts, stated }: Incident): Diagnosis {
  const { hint: foundHint, retryable: foundRetryable, ...found } = diagnose(facts);
  const isWordless = !facts.message && readApiError(facts).text === '';
  const hint = stated.hint ?? (isWordless && foundHint === 'unknown' ? undefined : foundHint);
  // Of a hint that is stated alone the row says more than the facts do.
  const row = stated.hint === undefined || stated.hint === foundHint ? undefined : hintRow(stated.hint);
  const cause = stated.cause ?? found.cause;
  const ofRow = row?.retryable ?? undefined;
  const ofFacts = cause === 'spend' ? false : foundRetryable;
  const retryable = stated.retryable ?? (row ? ofRow : ofFacts);
  return {
    ...found,
    ...stated,
    ...(hint !== undefined && { hint }),
    ...(retryable !== undefined && { retryable }),
    kind: row?.kind ?? found.kind,
  };
}

function explanationOf(incidents: readonly Incident[], diagnosis: Diagnosis): Explanation {
  const first = incidents[0] as Incident;
  const apiError = readApiError(first.facts);
  const requestIds = unique(incidents.flatMap((one) => one.requestIds));
  return {
    count: incidents.length,
    source: first.source,
    name: first.name,
    models: unique(incidents.map(({ model }) => model)),
    status: apiError.status,
    diagnosis,
    advice: adviceFor(diagnosis),
    message: apiError.message ?? first.facts.message,
    attempts: first.attempts ?? [],
    requestIds,
    traceIds: unique(incidents.map(({ traceId }) => traceId)),
    times: unique(incidents.map(({ time }) => time)),
    support: supportText(diagnosis.kind, diagnosis.hint, requestIds.length > 0),
  };
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))].slice(0, MOST_IDS);
}

/** Failures that the API never saw, or that are not its own. */
const NOT_OF_THE_API: Partial<Record<Kind, string>> = {
  client_config: 'Nothing: the request did not leave the client.',
  aborted: 'Nothing: the caller canceled the request.',
  connection:
    'Nothing to Anthropic until the network is ruled out. To whoever runs the network: host, time with zone, the system’s code.',
  gateway: 'To whoever runs the gateway or proxy: time with zone, status, its own request or ray ID.',
};

function supportText(kind: Kind, hint: string | undefined, hasId: boolean): string {
  if (hint === 'mid_stream' || NOT_OF_THE_API[kind] === undefined) {
    const id = hasId
      ? 'the request ID'
      : 'the request ID (none is in this input: the header request-id, err.requestID, or anthropic.request.id of the span has it)';
    return `If it persists: ${id}, time with zone, model, status and type, versions of SDK and Node (doctor --report has them). Never the key or the prompt.`;
  }
  return NOT_OF_THE_API[kind];
}
