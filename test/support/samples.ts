import { readFileSync } from 'node:fs';
import type { FailureFacts } from '../../src/diagnosis/index.ts';

/** One link of a recorded `cause` chain, outermost first. */
interface Link {
  readonly name: string;
  readonly constructor?: string;
  readonly code?: string | number;
  readonly message: string;
  readonly errors?: readonly Link[];
}

export interface Sample {
  readonly id: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly message: string | null;
  readonly cause_chain: readonly Link[] | null;
  readonly expect: {
    readonly kind: string;
    readonly type: string | null;
    readonly cause: string | null;
    readonly hint: string | null;
    readonly field: string | null;
    readonly transient: boolean | null;
  };
}

export const SAMPLES: readonly Sample[] = readFileSync(new URL('samples.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Sample);

function className(link: Link): string {
  return Object.hasOwn(link, 'constructor') && typeof link.constructor === 'string'
    ? link.constructor
    : link.name;
}

function thrownLink(link: Link, cause: Error | undefined): Error {
  const made = { [className(link)]: class extends Error {} }[className(link)];
  if (made === undefined) throw new Error('no class');
  const error = new made(link.message, cause && { cause });
  return Object.assign(error, {
    name: link.name,
    ...(link.code !== undefined && { code: link.code }),
    ...(link.errors !== undefined && { errors: link.errors.map((one) => thrownLink(one, undefined)) }),
  });
}

/** The recorded chain as real errors. */
export function thrownOf(chain: readonly Link[]): Error | undefined {
  return chain.toReversed().reduce<Error | undefined>((cause, link) => thrownLink(link, cause), undefined);
}

/** A sample as facts: body as text, chain as errors. */
export function factsOf(sample: Sample): FailureFacts {
  return {
    ...(sample.status !== null && { status: sample.status }),
    ...(sample.headers !== null && { headers: new Headers({ ...sample.headers }) }),
    ...(sample.body !== null && { body: sample.body }),
    ...(sample.message !== null && { message: sample.message }),
    ...(sample.cause_chain !== null && { error: thrownOf(sample.cause_chain) }),
  };
}
