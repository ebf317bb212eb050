import { newId } from './ids.ts';
import { buildMessage } from './message.ts';
import { page } from './pages.ts';
import { error, json, raw } from './replies.ts';
import type { Exchange, Reply } from './types.ts';
import { asObject, validateMessage } from './validate.ts';

interface Batch {
  readonly id: string;
  readonly requests: readonly BatchRequest[];
  readonly createdAt: Date;
  status: 'in_progress' | 'canceling' | 'ended';
  canceled: boolean;
}

interface BatchRequest {
  readonly customId: string;
  readonly params: unknown;
}

const LIFETIME_MS = 86_400_000;

/** The message batches of one server. A batch has ended when it is retrieved for the first time. */
export class Batches {
  readonly #batches = new Map<string, Batch>();

  create(exchange: Exchange): Reply {
    const { requests } = asObject(exchange.request.json);
    if (!Array.isArray(requests) || requests.length === 0) {
      return error(400, { message: 'requests: Field required' });
    }
    const batch: Batch = {
      id: newId('msgbatch_'),
      requests: requests.map((entry) => {
        const { custom_id, params } = asObject(entry);
        return { customId: String(custom_id), params };
      }),
      createdAt: new Date(),
      status: 'in_progress',
      canceled: false,
    };
    this.#batches.set(batch.id, batch);
    return json(describe(batch, exchange));
  }

  list(exchange: Exchange): Reply {
    const newestFirst = [...this.#batches.values()].toReversed();
    return page(
      newestFirst.map((batch) => describe(batch, exchange)),
      exchange.query,
    );
  }

  retrieve(exchange: Exchange, id: string): Reply {
    return this.#with(id, (batch) => {
      batch.status = 'ended';
      return json(describe(batch, exchange));
    });
  }

  cancel(exchange: Exchange, id: string): Reply {
    return this.#with(id, (batch) => {
      batch.status = 'canceling';
      batch.canceled = true;
      return json(describe(batch, exchange));
    });
  }

  delete(_exchange: Exchange, id: string): Reply {
    return this.#with(id, () => {
      this.#batches.delete(id);
      return json({ id, type: 'message_batch_deleted' });
    });
  }

  results(exchange: Exchange, id: string): Reply {
    return this.#with(id, (batch) => {
      const lines = batch.requests.map((request) =>
        JSON.stringify({ custom_id: request.customId, result: result(request, batch, exchange) }),
      );
      return raw({
        status: 200,
        headers: { 'content-type': 'application/x-jsonl', 'request-id': exchange.requestId },
        body: `${lines.join('\n')}\n`,
      });
    });
  }

  #with(id: string, answer: (batch: Batch) => Reply): Reply {
    const batch = this.#batches.get(id);
    return batch ? answer(batch) : error(404, { message: `message_batch_id: ${id}` });
  }
}

/** The result of one request: succeeded, canceled, or the error that its parameters earn. */
function result(request: BatchRequest, batch: Batch, exchange: Exchange): object {
  if (batch.canceled) return { type: 'canceled' };
  const problem = validateMessage(request.params);
  if (problem !== undefined) {
    const detail = { type: 'invalid_request_error', message: problem };
    return { type: 'errored', error: { type: 'error', error: detail, request_id: exchange.requestId } };
  }
  const { model } = asObject(request.params);
  return { type: 'succeeded', message: buildMessage({}, String(model), 'anthropic') };
}

function describe(batch: Batch, exchange: Exchange): { readonly id: string } & Record<string, unknown> {
  const total = batch.requests.length;
  const ended = batch.status === 'ended';
  const errored = batch.requests.filter(({ params }) => validateMessage(params) !== undefined).length;
  const base = `http://${exchange.request.headers.host ?? '127.0.0.1'}`;
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: batch.status,
    request_counts: {
      processing: ended ? 0 : total,
      succeeded: ended && !batch.canceled ? total - errored : 0,
      errored: ended && !batch.canceled ? errored : 0,
      canceled: ended && batch.canceled ? total : 0,
      expired: 0,
    },
    created_at: batch.createdAt.toISOString(),
    expires_at: new Date(batch.createdAt.getTime() + LIFETIME_MS).toISOString(),
    ended_at: ended ? batch.createdAt.toISOString() : null,
    archived_at: null,
    cancel_initiated_at: batch.canceled ? batch.createdAt.toISOString() : null,
    results_url: ended ? `${base}/v1/messages/batches/${batch.id}/results` : null,
  };
}
