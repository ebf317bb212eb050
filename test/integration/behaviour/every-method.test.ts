import type { Attributes, SpanStatusCode } from '@opentelemetry/api';
import { beforeAll, describe, expect, test } from 'vitest';
import { reply } from '../../../src/demo/fake-api/index.ts';
import { MODEL, readAll, REQUEST, setStage } from '../../support/behaviour.ts';
import { NEWEST, SDK_BUILDS, type Anthropic, type Sdk } from '../../support/sdk-builds.ts';

const stage = setStage();

type Method = (this: object, ...args: unknown[]) => unknown;

/** A method of one of the SDK's resources, by its way from the client: `beta.agents.retrieve`. */
interface Found {
  readonly name: string;
  readonly run: (...args: unknown[]) => unknown;
  readonly source: string;
}

/** What sends requests through other methods alone, each with tests of its own, or none at all. */
const HELPERS =
  /(?:^|\.)(?:messages\.(?:stream|parse|toolRunner|thread)|events\.toolRunner|work\.(?:poller|worker)|webhooks\.\w+)$/;

/** The methods of every resource below `owner`. */
function methodsBelow(owner: object, prefix = '', client: object = owner): Found[] {
  return Object.entries(owner).flatMap(([key, resource]: [string, unknown]): Found[] => {
    if (typeof resource !== 'object' || resource === null || key.startsWith('_')) return [];
    if ((resource as { _client?: unknown })._client !== client) return [];
    const prototype = Object.getPrototypeOf(resource) as Record<string, unknown>;
    const names = Object.getOwnPropertyNames(prototype).filter((name) => !/^(?:constructor|_)/.test(name));
    const own = names.map((name): Found => {
      const method = prototype[name] as Method;
      const run = (...args: unknown[]): unknown => method.apply(resource, args);
      return { name: `${prefix}${key}.${name}`, run, source: method.toString() };
    });
    return [...own, ...methodsBelow(resource, `${prefix}${key}.`, client)];
  });
}

/** Parameters that some endpoint has; others ignore them. */
const BODY = { ...REQUEST, requests: [], agent: 'agent_7', environment_id: 'env_7', name: 'mine' };

/** Arguments for a method, from the names in its source: IDs, and parameters with the IDs that it takes out of them. */
function argumentsFor({ source }: Found, file: unknown): unknown[] {
  const [, list = ''] = /^\s*(?:async\s+)?\w+\(([^)]*)\)/.exec(source) ?? [];
  const names = list.split(',').map((name) => name.replace(/=.*/s, '').trim());
  const isRead = /\.(?:get|getAPIList|delete)\(/.test(source);
  return names.filter(isArgument).map((name, index) => {
    if (!/^(?:params|body|query)$/.test(name)) return `id_${index}`;
    const taken = new RegExp(String.raw`const \{([^}]*)\} = ${name}`).exec(source)?.[1] ?? '';
    const ids = taken.split(',').map((part) => part.trim().split(':')[0] ?? '');
    const given = ids.filter((id) => /_id$|^version$|^target$|^project_number$/.test(id));
    return {
      ...(isRead ? { limit: 3 } : { ...BODY, file, files: [file] }),
      ...Object.fromEntries(given.map((id) => [id, `${id}_1`])),
    };
  });
}

function isArgument(name: string): boolean {
  return name !== '' && name !== 'options';
}

interface Shape {
  readonly name: string;
  readonly status: SpanStatusCode;
  readonly attributes: Attributes;
}

/** The call spans of one method, without the measured times. */
async function shapesOf(found: Found, file: unknown): Promise<Shape[]> {
  const { url } = stage.api;
  const body = {
    id: 'object_1',
    user_id: 'user_1',
    workspace_id: 'workspace_1',
    service_account_id: 'account_1',
    version: '7',
    input_tokens: 7,
    agent: { id: 'agent_9', name: 'Helper', model: { id: MODEL } },
    data: [],
    has_more: false,
    content: [],
    results_url: `${url}/v1/messages/batches/id_0/results`,
  };
  const count = found.name.endsWith('batches.results') ? 2 : 1;
  stage.api.enqueue(...Array.from({ length: count }, () => reply.json(body)));
  const result: unknown = await found.run(...argumentsFor(found, file));
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    await readAll(result as AsyncIterable<unknown>);
  }
  const calls = await stage.telemetry.calls(count);
  stage.telemetry.reset();
  return calls.map(({ span: { name, status, attributes } }) => {
    const known = Object.entries(attributes).filter(([key]) => !VARYING.has(key));
    return { name, status: status.code, attributes: Object.fromEntries(known) };
  });
}

const VARYING = new Set([
  'anthropic.stream.longest_gap',
  'anthropic.request.id',
  // What one version of the SDK sends of a request, and another not.
  'anthropic.beta',
  'url.full',
  'url.query',
]);

/** The call spans of every method of `client`, by the method. */
async function shapesOfAll(sdk: Sdk, client: Anthropic): Promise<ReadonlyMap<string, Shape[]>> {
  const file = await sdk.toFile(Buffer.from('text'), 'a.txt');
  const shapes = new Map<string, Shape[]>();
  for (const found of methodsBelow(client)) {
    if (!HELPERS.test(found.name)) shapes.set(found.name, await shapesOf(found, file));
  }
  return shapes;
}

describe('every method of every resource gives the call span of the newest SDK', () => {
  let native: ReadonlyMap<string, Shape[]>;
  beforeAll(async () => {
    const sdk = await stage.load(NEWEST);
    native = await shapesOfAll(sdk, stage.client(sdk));
  });

  test('there are many', () => {
    expect(native.size).toBeGreaterThan(380);
    expect([...native.values()].flat().filter(({ attributes }) => !attributes['http.route'])).toEqual([]);
  });

  const without = SDK_BUILDS.filter(({ build, has }) => build === 'esm' && !has.nativeSpans);
  test.each([...without, NEWEST])('SDK $version, without native spans', async (build) => {
    const sdk = await stage.load(build);
    const shapes = await shapesOfAll(sdk, stage.client(sdk, { openTelemetry: false }));
    expect(shapes.size).toBeGreaterThan(20);
    const common = [...shapes].filter(([name]) => native.has(name));
    expect(Object.fromEntries(common)).toEqual(
      Object.fromEntries(common.map(([name]) => [name, native.get(name)])),
    );
  });
});
