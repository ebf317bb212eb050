import { error, json } from './replies.ts';
import type { Reply } from './types.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

/** One page of `items` as the API lists them: by `limit`, and `after_id`, `before_id` or `page`. */
export function page(items: readonly { readonly id: string }[], query: URLSearchParams): Reply {
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return error(400, { message: `limit: Input should be between 1 and ${MAX_LIMIT}` });
  }
  const before = query.get('before_id');
  const after = query.get('after_id') ?? query.get('page');
  const indexOf = (id: string): number => items.findIndex((item) => item.id === id);
  const end = before === null ? items.length : indexOf(before);
  const next = after === null ? 0 : indexOf(after) + 1;
  const start = before === null ? next : Math.max(end - limit, 0);
  const data = items.slice(start, Math.min(start + limit, end));
  const hasMore = before === null ? start + limit < items.length : start > 0;
  const lastId = data.at(-1)?.id ?? null;
  return json({
    data,
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: lastId,
    next_page: hasMore ? lastId : null,
  });
}
