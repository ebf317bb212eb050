// npm run bench:collector: the whole pipeline against a bare OTLP-to-OTLP Collector, by turns, in one run.
// What is compared is spans for each second of processor time that the Collector used, so that what else the machine
// does matters little.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findPrograms } from './binaries/find.ts';
import { startCollector, type Collector } from './collector.ts';
import { freeCollectorPorts } from './stack.ts';
import { callSpans, NATIVE_SCOPE, OWN_SCOPE, type OutcomeName } from './traffic/calls.ts';
import { post, tracesRequest, type OtlpSpan } from './traffic/otlp.ts';
import { until } from './until.ts';

const ROUNDS = 4;
const REQUESTS = 150;
const TRACES_PER_REQUEST = 100;
const GOAL = 0.7;

/** One of twenty calls has a retry; one of a hundred fails. */
function attemptsOf(index: number): [OutcomeName, ...OutcomeName[]] {
  if (index % 100 === 0) return ['overloaded', 'overloaded', 'overloaded'];
  return index % 20 === 0 ? ['rateLimited', 'ok'] : ['ok'];
}

/** A request as an application sends it, and how many spans it has. */
function makeRequest(): { body: string; spans: number } {
  const calls: OtlpSpan[] = [];
  const attempts: OtlpSpan[] = [];
  for (let index = 0; index < TRACES_PER_REQUEST; index += 1) {
    const made = callSpans({ attempts: attemptsOf(index) });
    calls.push(made.call);
    attempts.push(...made.attempts);
  }
  const scopes = new Map([
    [NATIVE_SCOPE, calls],
    [OWN_SCOPE, attempts],
  ]);
  const request = tracesRequest({ 'service.name': 'bench', 'service.instance.id': 'bench' }, scopes);
  return { body: JSON.stringify(request), spans: calls.length + attempts.length };
}

/** Processor time in seconds and resident memory in MiB of a process, as Linux tells them. */
function usage(pid: number): { cpu: number; memory: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpu: ticks / 100, memory: (pages * 4096) / 1024 / 1024 };
}

interface Contender {
  readonly name: string;
  readonly collector: Collector;
  cpu: number;
  spans: number;
  readonly memory: number[];
}

const otelcol = findPrograms().otelcol;
if ('missing' in otelcol) throw new Error(`no otelcol: ${otelcol.missing}`);

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const sink = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
});
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
const sinkUrl = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;

const bare = join(folder, 'bare.yaml');
writeFileSync(
  bare,
  `receivers: { otlp: { protocols: { http: { endpoint: '\${env:COLLECTOR_OTLP_HTTP}' } } } }
exporters: { otlp_http: { endpoint: '${sinkUrl}' } }
extensions: { health_check: { endpoint: '\${env:COLLECTOR_HEALTH}' } }
service:
  extensions: [health_check]
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }
`,
);

async function contender(name: string, configs: readonly string[]): Promise<Contender> {
  const own = join(folder, name.replaceAll(' ', '-'));
  mkdirSync(own);
  const collector = await startCollector({
    path: (otelcol as { path: string }).path,
    configs,
    ports: await freeCollectorPorts(),
    folder: own,
    env: { OTLP_HTTP_ENDPOINT: sinkUrl, GOMEMLIMIT: '410MiB' },
  });
  return { name, collector, cpu: 0, spans: 0, memory: [] };
}

const contenders = [
  await contender('bare', [bare]),
  await contender('everything', ['base.yaml', 'backends/otlp-http.yaml']),
  await contender('everything but sampling', [
    'base.yaml',
    'backends/otlp-http.yaml',
    'options/keep-all.yaml',
  ]),
];

// The first round warms up and does not count.
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const one of contenders) {
    const { pid } = one.collector.program;
    if (pid === undefined) throw new Error(`${one.name} does not run`);
    const before = usage(pid);
    let spans = 0;
    for (let sent = 0; sent < REQUESTS; sent += 1) {
      const request = makeRequest();
      const { status } = await post(one.collector.otlp, 'traces', request.body);
      if (status !== 200) throw new Error(`${one.name} answered ${status}`);
      spans += request.spans;
    }
    await idle(pid);
    const after = usage(pid);
    if (round > 0) {
      one.cpu += after.cpu - before.cpu;
      one.spans += spans;
      one.memory.push(after.memory);
    }
  }
}

/** Waits until the process has stopped working: decisions, flushes and exports are part of a span's price. */
async function idle(pid: number): Promise<void> {
  let last = usage(pid).cpu;
  let quiet = 0;
  await until('the Collector to be idle', 60_000, () => {
    const now = usage(pid).cpu;
    quiet = now - last < 0.02 ? quiet + 1 : 0;
    last = now;
    // Longer than the wait after a root span.
    return quiet >= 65;
  });
}

const rate = (one: Contender): number => one.spans / one.cpu;
const [first] = contenders;
console.log(`| Collector | spans per second of one core | µs per span | of bare | memory, MiB |
| --- | ---: | ---: | ---: | ---: |`);
for (const one of contenders) {
  const share = first === undefined ? 1 : rate(one) / rate(first);
  const memory = `${Math.round(one.memory[0] ?? 0)} → ${Math.round(one.memory.at(-1) ?? 0)}`;
  console.log(
    `| ${one.name} | ${Math.round(rate(one))} | ${((one.cpu / one.spans) * 1e6).toFixed(1)} | ${share.toFixed(2)} | ${memory} |`,
  );
}
console.log(
  `\n${ROUNDS} rounds of ${REQUESTS} requests of ${TRACES_PER_REQUEST} traces by turns, OTLP/JSON as the instrumentation sends it; ${cpus()[0]?.model ?? ''}, ${cpus().length} cores. Goal: ${GOAL} of bare.`,
);

await Promise.all(contenders.map((one) => one.collector.program.stop()));
sink.close();
