/** The attributes of a call's metrics, made once for each different set: metrics SDKs are fast on objects that stay. */
import type { Attributes } from '@opentelemetry/api';
import type { CallFacts } from '../facts.ts';
import type { Redactor } from '../redaction/index.ts';

const MAX_KNOWN = 500;
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
  readonly #redactor: Redactor;
  readonly #spans = new Map<string | undefined, Attributes>();
  readonly #answers = new Map<string | undefined, AnswerLabels>();

  constructor(facts: CallFacts, redactor: Redactor) {
    const { operation, provider, model, serverAddress, serverPort } = facts;
    this.key = `${operation}|${provider}|${model ?? ''}`;
    this.#redactor = redactor;
    this.limitsKey = `${provider}|${model ?? ''}`;
    this.limits = { 'gen_ai.provider.name': provider };
    if (model !== undefined) this.limits['gen_ai.request.model'] = redactor.text(model);
    this.counted = { 'gen_ai.operation.name': operation, ...this.limits };
    this.genAi = { ...this.counted };
    if (serverAddress !== undefined) this.genAi['server.address'] = serverAddress;
    if (serverPort !== undefined) this.genAi['server.port'] = serverPort;
  }

  /** What samplers see of a call span: the attributes that it starts with. */
  ofSpan(route: string | undefined): Attributes {
    let attributes = this.#spans.get(route);
    if (!attributes) {
      const { 'gen_ai.operation.name': operation, 'gen_ai.request.model': model, ...others } = this.genAi;
      attributes = others;
      if (operation === 'chat') attributes['gen_ai.operation.name'] = operation;
      if (model !== undefined && WITH_MODEL.has(String(operation)))
        attributes['gen_ai.request.model'] = model;
      if (route !== undefined) attributes['http.route'] = route;
      if (this.#spans.size >= MAX_KNOWN) this.#spans.clear();
      this.#spans.set(route, attributes);
    }
    return attributes;
  }

  /** With the model that answered. */
  answered(model: string | undefined): AnswerLabels {
    let labels = this.#answers.get(model);
    if (!labels) {
      const duration = { ...this.genAi };
      if (model !== undefined) duration['gen_ai.response.model'] = this.#redactor.text(model);
      labels = {
        duration,
        inputTokens: { ...duration, 'gen_ai.token.type': 'input' },
        outputTokens: { ...duration, 'gen_ai.token.type': 'output' },
      };
      if (this.#answers.size >= MAX_KNOWN) this.#answers.clear();
      this.#answers.set(model, labels);
    }
    return labels;
  }
}

/** Finds the labels of a call. */
export class LabelBook {
  readonly #redactor: Redactor;
  readonly #labels = new Map<string, CallLabels>();

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  of(facts: CallFacts): CallLabels {
    const { operation, provider, model, serverAddress, serverPort } = facts;
    const key = `${operation}|${provider}|${serverAddress ?? ''}|${serverPort ?? ''}|${model ?? ''}`;
    let labels = this.#labels.get(key);
    if (!labels) {
      if (this.#labels.size >= MAX_KNOWN) this.#labels.clear();
      this.#labels.set(key, (labels = new CallLabels(facts, this.#redactor)));
    }
    return labels;
  }
}
