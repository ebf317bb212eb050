import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchRoute, platformTemplate } from '../../../src/sdk/route-matcher.ts';
import { ROUTES } from '../../../src/sdk/routes.ts';

const sdk = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));
const REQUEST = /this\._client\.(get|post|put|patch|delete|getAPIList)\((?:path ?)?[`']([^`']+)[`']/g;

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly callName: string | undefined;
  readonly template: string | undefined;
}

/** What each method of the newest SDK requests, and the name and route that it gives its call span. */
function endpointsOfSdk(): Endpoint[] {
  const resources = join(sdk, 'resources');
  const files = readdirSync(resources, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.mjs'),
  );
  return files.flatMap((file) => {
    const source = readFileSync(join(resources, file), 'utf8');
    return [...source.matchAll(REQUEST)].map(({ 1: verb = '', 2: path = '', index }) => {
      const rest = source.slice(index, index + 2500);
      return {
        method: verb === 'getAPIList' ? 'GET' : verb.toUpperCase(),
        path: path.replaceAll(/\$\{[^}]+\}/g, 'an-id'),
        callName: /startApiCallSpan\(this\._client, '([^']+)'/.exec(rest)?.[1],
        template: /route: '([^']+)'/.exec(rest)?.[1],
      };
    });
  });
}

describe('the table of endpoints', () => {
  const endpoints = endpointsOfSdk();

  it('knows what the newest SDK requests, by the names of its native spans', () => {
    expect(endpoints.length).toBeGreaterThan(250);
    const unknown = endpoints.filter(({ method, path, callName, template }) => {
      const route = matchRoute(method, path);
      return callName === undefined ? !route : route?.[1] !== template || route?.[2] !== callName;
    });
    expect(unknown).toEqual([]);
  });

  it('has each endpoint once', () => {
    const keys = ROUTES.map(([method, template]) => `${method} ${template}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['POST', '/v1/messages?beta=true', 'anthropic.messages.create'],
    ['post', '/v1/messages/batches/msgbatch_1/cancel', 'anthropic.messages.batches.cancel'],
    ['POST', 'https://gateway.example/v1/messages', 'anthropic.messages.create'],
  ])('%s %s is %s', (method, path, callName) => {
    expect(matchRoute(method, path)?.[2]).toBe(callName);
  });

  it('takes a literal before a parameter', () => {
    expect(matchRoute('GET', '/v1/organizations/spend_limits/effective')?.[1]).toBe(
      '/v1/organizations/spend_limits/effective',
    );
  });

  it.each([
    ['GET', '/v1/messages/batches/'],
    ['DELETE', '/v1/messages'],
    ['GET', '/v2/anything'],
  ])('%s %s is no endpoint', (method, path) => {
    expect(matchRoute(method, path)).toBeUndefined();
  });

  it('names the paths that platforms rewrite to', () => {
    expect(platformTemplate('/model/anthropic.claude-x%3A0/invoke-with-response-stream')).toBe(
      '/model/{model}/invoke-with-response-stream',
    );
    expect(
      platformTemplate('/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@1:streamRawPredict'),
    ).toBe('/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:streamRawPredict');
    expect(platformTemplate('/v1/projects/p/locations/l/publishers/anthropic/models/a:b@1:rawPredict')).toBe(
      '/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:rawPredict',
    );
    expect(platformTemplate('/v1/messages')).toBeUndefined();
  });
});
