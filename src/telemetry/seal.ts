/** The way of every attribute out of this package: through the redaction gate, without what is absent. */
import type { Attributes, AttributeValue, Span } from '@opentelemetry/api';
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

/** Sets the attributes of `bag` on a span, one by one: a set of them would only be copied and taken apart again. */
export function setSealed(span: Span, redactor: Redactor, bag: AttributeBag): void {
  for (const name in bag) {
    const value = bag[name as AttributeName];
    if (value !== undefined) span.setAttribute(name, sealed(redactor, value));
  }
}
