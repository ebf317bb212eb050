import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startFakeApi } from '../../demo/fake-api/index.ts';
import { startOtlpReceiver, type OtlpReceiver, type OtlpRequest } from '../../demo/otlp-receiver.ts';
import { DEMO_KEY, SCENARIOS } from '../../demo/scenarios.ts';
import { renderTrees } from '../../demo/tree.ts';
import { webUrl } from '../../server.ts';
import { oneLine } from '../../terminal/format.ts';
import { PACKAGE_NAME } from '../../version.ts';
import { paintFor } from '../../terminal/paint.ts';
import { redactorFor } from '../shared/secrets.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UsageError } from '../shared/usage-error.ts';
import { forwardOtlp } from './forward.ts';

const APP = fileURLToPath(new URL('../../demo/app.js', import.meta.url));
const REGISTER = new URL('../../register.js', import.meta.url).href;

/** What a reader would type for what the demo does by the file's URL. */
const START = `node --import ${PACKAGE_NAME}/register app.js`;

/** Longer than the demo takes on a slow machine. */
const LIMIT_MS = 60_000;

/** Variables that would send the application elsewhere, or instrument it twice. */
const NOT_INHERITED = /^(?:ANTHROPIC_|OTEL_(?!RESOURCE_ATTRIBUTES$)|NODE_OPTIONS$|NODE_USE_ENV_PROXY$)/i;

/**
 * Runs the demo application against a Claude API and an OTLP receiver in this process, and prints the trace
 * of each of its calls; what it exported goes on, unchanged, to the endpoint of `--otlp`. Resolves to the exit code: 1
 * where the application failed, a trace is missing, the application's key was exported, or the endpoint could not be
 * reached; each with a line that says so. Throws `UsageError`, or what `parseArgs` throws, on bad arguments.
 */
export async function runDemoCommand(args: readonly string[], { stdout, color }: Terminal): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { otlp: { type: 'string' } } });
  const otlp = values.otlp === undefined ? undefined : otlpEndpoint(values.otlp);
  const paint = paintFor(color);
  const api = await startFakeApi();
  const receiver = await startOtlpReceiver();
  try {
    api.enqueue(...SCENARIOS.flatMap(({ replies }) => replies));
    stdout.write(`An application that knows nothing of OpenTelemetry, started with\n\n    ${START}\n\n`);
    const failure = await runApp(api.url, receiver.url);
    if (failure !== undefined) return fail(failure);
    const trees = renderTrees(receiver.spans(), { color });
    if (trees.length !== SCENARIOS.length) {
      return fail(`${SCENARIOS.length} traces were expected, and ${trees.length} came`);
    }
    for (const [index, tree] of trees.entries()) {
      const title = `${index + 1}. ${SCENARIOS[index]?.title}`;
      stdout.write(`${paint('bold', title)}\n${tree}\n\n`);
    }
    if (receiver.requests.some(holdsKey)) return fail('the application’s key was exported');
    stdout.write(`${summary(receiver)}\n`);
    return otlp === undefined ? 0 : await forward(receiver.requests, otlp, stdout);
  } finally {
    await Promise.all([api.close(), receiver.close()]);
  }
}

function otlpEndpoint(text: string): URL {
  const url = webUrl(text);
  if (!url || url.username + url.password !== '') {
    throw new UsageError(
      '--otlp takes the http or https URL of an OTLP/HTTP endpoint, as http://127.0.0.1:4318, without a user',
    );
  }
  return url;
}

/** Runs the application to its end; its warnings go to this process's standard error. Resolves to what went wrong, if anything did. */
function runApp(apiUrl: string, otlpUrl: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', REGISTER, APP], {
      env: appEnvironment(apiUrl, otlpUrl),
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    // With its servers gone it would only fail.
    process.once('exit', () => child.kill('SIGKILL'));
    child.once('error', (error) => resolve(`the application could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      const outcome = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve(code === 0 ? undefined : `the application ended with ${outcome}`);
    });
  });
}

function appEnvironment(apiUrl: string, otlpUrl: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return {
    ...Object.fromEntries(inherited),
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: DEMO_KEY,
    OTEL_SERVICE_NAME: 'claude-demo',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  };
}

function holdsKey({ rawBody }: OtlpRequest): boolean {
  return rawBody.includes(DEMO_KEY);
}

function summary(receiver: OtlpReceiver): string {
  const metrics = new Set(receiver.metrics().map(({ name }) => name));
  const bytes = receiver.requests.reduce((sum, request) => sum + request.bytes, 0);
  return [
    `${receiver.spans().length} spans and ${metrics.size} metrics arrived, in ${bytes.toLocaleString('en-US')} bytes.`,
    'The application’s key is in none of them.',
  ].join(' ');
}

async function forward(
  requests: readonly OtlpRequest[],
  endpoint: URL,
  stdout: Terminal['stdout'],
): Promise<number> {
  const failure = await forwardOtlp(requests, endpoint);
  if (failure !== undefined) return fail(failure);
  const shown = redactorFor(process.env).text(endpoint.origin + endpoint.pathname);
  stdout.write(`They went to ${shown} too, as far as it takes them.\n`);
  return 0;
}

function fail(problem: string): number {
  console.error(`${PACKAGE_NAME}: ${oneLine(redactorFor(process.env).text(problem))}`);
  return 1;
}
