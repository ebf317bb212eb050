/** The attributes of a call's metrics, made once for each different set: metrics SDKs are fast on objects that stay. */
import type { Attributes } from '@opentelemetry/api';
import type { CallFacts } from '../facts.ts';
import type { Redactor } from '../redaction/index.ts';

const MAX_KNOWN = 500;

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
  readonly #redactor: Redactor;
  readonly #answers = new Map<string | undefined, AnswerLabels>();

  constructor(facts: CallFacts, redactor: Redactor) {
    const { operation, provider, model, serverAddress, serverPort } = facts;
    this.key = `${operation}|${provider}|${model ?? ''}`;
    this.#redactor = redactor;
    this.counted = { 'gen_ai.operation.name': operation, 'gen_ai.provider.name': provider };
    if (model !== undefined) this.counted['gen_ai.request.model'] = redactor.text(model);
    this.genAi = { ...this.counted };
    if (serverAddress !== undefined) this.genAi['server.address'] = serverAddress;
    if (serverPort !== undefined) this.genAi['server.port'] = serverPort;
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
