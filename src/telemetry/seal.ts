/** The way of every attribute out of this package: through the redaction gate, without what is absent. */
import type { Attributes, AttributeValue, Span } from '@opentelemetry/api';
import type { AttributeSink } from '../facts.ts';
import type { Redactor } from '../redaction/index.ts';
import type { AttributeBag, AttributeName } from '../schema.ts';

function sealed(redactor: Redactor, value: AttributeValue): AttributeValue {
  if (typeof value === 'string') return redactor.text(value);
  return typeof value === 'object' ? redactor.value(value) : value;
}

/** The attributes of `bag`, to start a span or a log record with. */
export function seal(redactor: Redactor, bag: AttributeBag): Attributes {
  const attributes: Attributes = {};
  for (const name in bag) {
    const value = bag[name as AttributeName];
    if (value !== undefined) attributes[name] = sealed(redactor, value);
  }
  return attributes;
}

/** A span that takes attributes through the gate. */
export class SealedSpan implements AttributeSink {
  readonly #span: Span;
  readonly #redactor: Redactor;

  constructor(span: Span, redactor: Redactor) {
    this.#span = span;
    this.#redactor = redactor;
  }

  set(name: AttributeName, value: AttributeValue | undefined): void {
    if (value !== undefined) this.#span.setAttribute(name, sealed(this.#redactor, value));
  }

  setAll(bag: AttributeBag): void {
    for (const name in bag) this.set(name as AttributeName, bag[name as AttributeName]);
  }
}
