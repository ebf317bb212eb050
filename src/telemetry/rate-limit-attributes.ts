import type { AttributeSink, RateLimit } from '../facts.ts';
import { Memo } from '../memo.ts';
import type { AttributeName, RATE_LIMIT_FIELDS } from '../schema.ts';

type Field = keyof typeof RATE_LIMIT_FIELDS;
type Names = Readonly<Record<Field, AttributeName>>;

/** As many as a few responses have buckets: a server that makes up names fills no memory. */
const MAX_BUCKETS = 100;
const namesOfBucket = new Memo<string, Names>(MAX_BUCKETS);

/** The attributes of a bucket, named once: a name that is put together again is hashed again by every span. */
function namesOf(bucket: string): Names {
  return (
    namesOfBucket.get(bucket) ??
    namesOfBucket.add(bucket, {
      limit: `anthropic.ratelimit.${bucket}.limit`,
      remaining: `anthropic.ratelimit.${bucket}.remaining`,
      reset: `anthropic.ratelimit.${bucket}.reset`,
    })
  );
}

/** Tells an attempt's span what its response said of the rate limits. */
export function describeRateLimits(sink: AttributeSink, limits: readonly RateLimit[]): void {
  for (const { bucket, limit, remaining, reset } of limits) {
    const names = namesOf(bucket);
    sink.set(names.limit, limit);
    sink.set(names.remaining, remaining);
    sink.set(names.reset, reset);
  }
}
