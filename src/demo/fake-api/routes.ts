import { Batches } from './batches.ts';
import { Files } from './files.ts';
import { page } from './pages.ts';
import { error, json, message } from './replies.ts';
import type { Exchange, ModelInfo, Reply } from './types.ts';
import { validateMessage, validatePlatformMessage, validatePrompt } from './validate.ts';

/** Answers one route; `id` is the part of the path that the route's pattern captures. */
type Handler = (exchange: Exchange, id: string) => Reply | Promise<Reply>;
type Route = readonly [method: string, pattern: RegExp, handler: Handler];

/** The server's built-in answers. */
export class Router {
  readonly #routes: readonly Route[];

  constructor(models: readonly ModelInfo[]) {
    this.#routes = [
      ...messageRoutes(),
      ...modelRoutes(models),
      ...batchRoutes(new Batches()),
      ...fileRoutes(new Files()),
    ];
  }

  /** The answer for `exchange`: its route's, or 404. */
  answer(exchange: Exchange): Reply | Promise<Reply> {
    const { method } = exchange.request;
    for (const [routeMethod, pattern, handler] of this.#routes) {
      const match = routeMethod === method ? pattern.exec(exchange.route) : null;
      if (match) return handler(exchange, decodeURIComponent(match[1] ?? ''));
    }
    return error(404);
  }
}

function messageRoutes(): readonly Route[] {
  const tokens = json({ input_tokens: 25 });
  return [
    ['POST', /^\/v1\/messages$/, checked(validateMessage, message())],
    ['POST', /^\/v1\/messages\/count_tokens$/, checked(validatePrompt, tokens)],
    [
      'POST',
      /^\/model\/[^/]+\/invoke(?:-with-response-stream)?$/,
      checked(validatePlatformMessage, message()),
    ],
    ['POST', /\/publishers\/anthropic\/models\/count-tokens:rawPredict$/, checked(validatePrompt, tokens)],
    [
      'POST',
      /\/publishers\/anthropic\/models\/[^/]+:(?:raw|streamRaw)Predict$/,
      checked(validatePlatformMessage, message()),
    ],
  ];
}

/** Answers with `reply` where `validate` finds nothing wrong with the body, else with a 400. */
function checked(validate: (body: unknown) => string | undefined, reply: Reply): Handler {
  return ({ request }) => {
    const problem = validate(request.json);
    return problem === undefined ? reply : error(400, { message: problem });
  };
}

function modelRoutes(models: readonly ModelInfo[]): readonly Route[] {
  return [
    ['GET', /^\/v1\/models$/, ({ query }) => page(models, query)],
    [
      'GET',
      /^\/v1\/models\/([^/]+)$/,
      (_exchange, id) => {
        const model = models.find((candidate) => candidate.id === id);
        return model ? json(model) : error(404, { message: `model: ${id}` });
      },
    ],
  ];
}

function batchRoutes(batches: Batches): readonly Route[] {
  const one = '^/v1/messages/batches/([^/]+)';
  return [
    ['POST', /^\/v1\/messages\/batches$/, (exchange) => batches.create(exchange)],
    ['GET', /^\/v1\/messages\/batches$/, (exchange) => batches.list(exchange)],
    ['GET', new RegExp(`${one}$`), (exchange, id) => batches.retrieve(exchange, id)],
    ['DELETE', new RegExp(`${one}$`), (exchange, id) => batches.delete(exchange, id)],
    ['POST', new RegExp(`${one}/cancel$`), (exchange, id) => batches.cancel(exchange, id)],
    ['GET', new RegExp(`${one}/results$`), (exchange, id) => batches.results(exchange, id)],
  ];
}

function fileRoutes(files: Files): readonly Route[] {
  const one = '^/v1/files/([^/]+)';
  return [
    ['POST', /^\/v1\/files$/, (exchange) => files.upload(exchange)],
    ['GET', /^\/v1\/files$/, (exchange) => files.list(exchange)],
    ['GET', new RegExp(`${one}$`), (exchange, id) => files.metadata(exchange, id)],
    ['DELETE', new RegExp(`${one}$`), (exchange, id) => files.delete(exchange, id)],
    ['GET', new RegExp(`${one}/content$`), (exchange, id) => files.content(exchange, id)],
  ];
}
