import { expect, test } from 'vitest';
import { obeys } from '../../../src/sdk/obeyed-wait.ts';

const client = (version: string) => ({ getUserAgent: () => `AnthropicBedrock/JS ${version}` });

// A minute is out of reach before 0.79, and what no timer can wait is out of reach of all.
test.each([
  ['0.39.0', 59.9, true],
  ['0.39.0', 60, false],
  ['0.78.1', 3600, false],
  ['0.79.0', 60, true],
  ['0.126.0', 2_147_483, true],
  ['0.126.0', 2_147_484, false],
  ['1.14.0', 60, true],
  ['1.0.0-beta.1', 3600, true],
])('SDK %s waits for %d s: %s', (version, seconds, isObeyed) => {
  expect(obeys(client(version), seconds)).toBe(isObeyed);
});

test('what tells no version is taken for the newest', () => {
  const broken = {
    getUserAgent() {
      throw new Error('the application’s');
    },
  };
  expect([obeys({}, 120), obeys(broken, 120)]).toEqual([true, true]);
});
