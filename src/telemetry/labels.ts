/** The attributes of a call's metrics, made once for each different set: metrics SDKs are fast on objects that stay. */
import type { Attributes } from '@opentelemetry/api';
import type { CallFacts } from '../facts.ts';
import { Memo } from '../memo.ts';
import type { Redactor } from '../redaction/index.ts';

const MAX_KNOWN = 500;
/** What else tells calls of one model apart: few combinations of few values. */
const MAX_KINDS = 50;
/** The operations of which the native span names the model. */
const WITH_MODEL: ReadonlySet<string> = new Set(['chat', 'messages.count_tokens']);

/** The attributes of the metrics of a call that was answered. */
export interface AnswerLabels {
  readonly duration: Attributes;
  readonly inputTokens: Attributes;
  readonly outputTokens: Attributes;
}

/** What tells the series of one call's metrics from those of others. */
export class CallLabels {
  readonly key: string;
  readonly counted: Attributes;
  readonly genAi: Attributes;
  /** Rate limits are a model's, whatever is done with it. */
  readonly limitsKey: string;
  readonly limits: Attributes;
  readonly #facts: Pick<CallFacts, 'operation' | 'provider' | 'serverAddress' | 'serverPort'>;
  readonly #redactor: Redactor;
  readonly #spans = new Memo<string | undefined, Attributes>(MAX_KNOWN);
  readonly #answers = new Memo<string | undefined, AnswerLabels>(MAX_KNOWN);

  constructor(facts: CallFacts, redactor: Redactor) {
    const { operation, provider, model, serverAddress, serverPort } = facts;
    this.key = `${operation}|${provider}|${model ?? ''}`;
    this.#facts = { operation, provider, serverAddress, serverPort };
    this.#redactor = redactor;
    this.limitsKey = `${provider}|${model ?? ''}`;
    this.limits = { 'gen_ai.provider.name': provider };
    if (model !== undefined) this.limits['gen_ai.request.model'] = redactor.text(model);
    this.counted = { 'gen_ai.operation.name': operation, ...this.limits };
    this.genAi = { ...this.counted };
    if (serverAddress !== undefined) this.genAi['server.address'] = serverAddress;
    if (serverPort !== undefined) this.genAi['server.port'] = serverPort;
  }

  /** Whether a call of the same model has these labels. */
  fit({ operation, provider, serverAddress, serverPort }: CallFacts): boolean {
    const own = this.#facts;
    return (
      operation === own.operation &&
      provider === own.provider &&
      serverAddress === own.serverAddress &&
      serverPort === own.serverPort
    );
  }

  /** What samplers see of a call span: the attributes that it starts with. */
  ofSpan(route: string | undefined): Attributes {
    return this.#spans.get(route) ?? this.#spans.add(route, this.#makeOfSpan(route));
  }

  #makeOfSpan(route: string | undefined): Attributes {
    const { 'gen_ai.operation.name': operation, 'gen_ai.request.model': model, ...attributes } = this.genAi;
    if (operation === 'chat') attributes['gen_ai.operation.name'] = operation;
    if (model !== undefined && WITH_MODEL.has(String(operation))) attributes['gen_ai.request.model'] = model;
    if (route !== undefined) attributes['http.route'] = route;
    return attributes;
  }

  /** With the model that answered. */
  answered(model: string | undefined): AnswerLabels {
    return this.#answers.get(model) ?? this.#answers.add(model, this.#makeAnswered(model));
  }

  #makeAnswered(model: string | undefined): AnswerLabels {
    const duration = { ...this.genAi };
    if (model !== undefined) duration['gen_ai.response.model'] = this.#redactor.text(model);
    return {
      duration,
      inputTokens: { ...duration, 'gen_ai.token.type': 'input' },
      outputTokens: { ...duration, 'gen_ai.token.type': 'output' },
    };
  }
}

/** Finds the labels of a call. */
export class LabelBook {
  readonly #redactor: Redactor;
  readonly #labels = new Memo<string | undefined, CallLabels[]>(MAX_KNOWN);

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  of(facts: CallFacts): CallLabels {
    const ofModel = this.#labels.get(facts.model) ?? this.#labels.add(facts.model, []);
    for (const labels of ofModel) if (labels.fit(facts)) return labels;
    const labels = new CallLabels(facts, this.#redactor);
    if (ofModel.length >= MAX_KINDS) ofModel.length = 0;
    ofModel.push(labels);
    return labels;
  }
}
