/** Notices calls that leave for the Claude API though nothing recorded them, and says so once. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { guard } from '../guard.ts';
import { warn } from '../say.ts';
import { attemptsInFlight } from './attempts-in-flight.ts';
import { dig } from './shapes.ts';

const SDK_USER_AGENT = /(?:^|[\r\n])user-agent: *\w*anthropic\w*\/js /i;

/** Where the SDK gets itself a token, within a call or before one: no call of its own. */
const TOKEN_PATH = /\/v1\/oauth\/token(?:\?|$)/;

const WARNING =
  'a call to the Claude API left without being instrumented. Is the SDK bundled, installed under another name, of a ' +
  'version that is not supported, or loaded before the instrumentation? Preload with ' +
  '"node --import opentelemetry-instrumentation-anthropic/register", keep @anthropic-ai/sdk out of the bundle, or call ' +
  'instrumentation.manuallyInstrument(Anthropic) in the module that makes the client.';

let users = 0;
let hasWarned = false;

/** To be called where another line has said why calls are not recorded: this one is then left out. */
export function tellNoMore(): void {
  hasWarned = true;
}

function check(message: unknown, headers: unknown): void {
  if (hasWarned || attemptsInFlight.count > 0 || typeof headers !== 'string') return;
  if (!SDK_USER_AGENT.test(headers) || TOKEN_PATH.test(String(dig(message, ['request', 'path'])))) return;
  hasWarned = true;
  warn(WARNING);
}

/** The SDK's `fetch` goes out through Node's own undici, an older SDK's through `http`. */
const onUndici = (message: unknown): void => {
  guard('uninstrumented', () => check(message, dig(message, ['headers'])));
};
const onHttp = (message: unknown): void => {
  guard('uninstrumented', () => {
    const request = dig(message, ['request']) as { getHeader?(name: string): unknown } | undefined;
    const agent = request?.getHeader?.('user-agent');
    check(message, `user-agent: ${String(Array.isArray(agent) ? agent[0] : agent)}`);
  });
};

/** Starts to notice. Every start needs its stop. */
export function startNoticing(): void {
  users += 1;
  if (users > 1) return;
  subscribe('undici:client:sendHeaders', onUndici);
  subscribe('http.client.request.start', onHttp);
}

export function stopNoticing(): void {
  users -= 1;
  if (users > 0) return;
  unsubscribe('undici:client:sendHeaders', onUndici);
  unsubscribe('http.client.request.start', onHttp);
}
