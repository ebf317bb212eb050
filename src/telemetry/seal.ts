/** The way of every attribute out of this package: through the redaction gate, without what is absent. */
import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from '../redaction/index.ts';
import type { AttributeBag, AttributeName } from '../schema.ts';

export function seal(redactor: Redactor, bag: AttributeBag): Attributes {
  const sealed: Attributes = {};
  for (const name in bag) {
    const value = bag[name as AttributeName];
    if (value === undefined) continue;
    sealed[name] =
      typeof value === 'string'
        ? redactor.text(value)
        : typeof value === 'object'
          ? redactor.value(value)
          : value;
  }
  return sealed;
}
