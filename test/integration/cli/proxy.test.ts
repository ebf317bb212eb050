import { describe, expect, test } from 'vitest';
import { canUseProxy, nodeUsesProxy, proxyFor } from '../../../src/cli/doctor/proxy.ts';

const API = new URL('https://api.anthropic.com');

describe('the proxy of a URL', () => {
  test.each([
    { env: {}, variable: undefined },
    { env: { HTTPS_PROXY: 'http://p:1' }, variable: 'HTTPS_PROXY' },
    { env: { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:1' }, variable: 'https_proxy' },
    { env: { HTTP_PROXY: 'http://p:1' }, variable: undefined },
    { env: { ALL_PROXY: 'p:1' }, variable: 'ALL_PROXY' },
    { env: { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, variable: undefined },
    { env: { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.com, .anthropic.com' }, variable: undefined },
    { env: { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.anthropic.com:443' }, variable: undefined },
    { env: { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.anthropic.com:8443' }, variable: 'HTTPS_PROXY' },
    { env: { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'thropic.com' }, variable: 'HTTPS_PROXY' },
  ])('$env', ({ env, variable }) => {
    expect(proxyFor(API, env, false)?.variable).toBe(variable);
  });

  test.each([
    { env: { HTTP_PROXY: 'http://p:1' }, variable: 'HTTP_PROXY' },
    { env: { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, variable: 'HTTPS_PROXY' },
    { env: { ALL_PROXY: 'http://p:1' }, variable: undefined },
    { env: { http_proxy: '', HTTP_PROXY: 'http://p:1' }, variable: undefined },
    {
      env: { https_proxy: '', HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' },
      variable: 'HTTP_PROXY',
    },
  ])('as Node has it, with $env', ({ env, variable }) => {
    expect(proxyFor(API, env, true)?.variable).toBe(variable);
  });
});

test.each([
  ['20.20.2', false],
  ['22.20.0', false],
  ['22.21.0', true],
  ['23.11.0', false],
  ['24.4.1', false],
  ['24.5.0', true],
  ['26.0.0', true],
])('Node %s can go by the variables: %s', (version, can) => {
  expect(canUseProxy(version)).toBe(can);
});

test('no Node goes by them without being asked', () => {
  expect(nodeUsesProxy({ HTTPS_PROXY: 'http://p:1' }, [])).toBe(false);
  expect(nodeUsesProxy({ NODE_USE_ENV_PROXY: '1' }, [])).toBe(canUseProxy());
  expect(nodeUsesProxy({ NODE_OPTIONS: '--use-env-proxy' }, [])).toBe(canUseProxy());
});
