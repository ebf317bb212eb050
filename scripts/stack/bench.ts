// npm run bench:collector: the whole pipeline against a bare OTLP-to-OTLP Collector, in one run.
//   --calls N    calls in a trace (1)          --rate N     spans per second to each Collector
//   --rounds N   --seconds N                   --gogc N     for all of them (400)
//   --memory N   their limit in MiB (512)      --scope X    spans of another library's
//   --stages     also with one stage less each
//   --gateway    instead: two tiers, at several paces and sizes of traces
// What is compared is processor time for each span, so that what else the machine does matters little.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare } from './bench/compare.ts';
import { benchGateway } from './bench/gateway.ts';
import { findPrograms } from './binaries/find.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1' },
    scope: { type: 'string' },
    rate: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '20' },
    gogc: { type: 'string', default: '400' },
    memory: { type: 'string', default: '512' },
    stages: { type: 'boolean', default: false },
    gateway: { type: 'boolean', default: false },
  },
});

const otelcol = findPrograms().otelcol;
if ('missing' in otelcol) throw new Error(`no otelcol: ${otelcol.missing}`);
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

console.log(
  values.gateway
    ? await benchGateway({ otelcol: otelcol.path, folder })
    : await compare({
        otelcol: otelcol.path,
        folder,
        callsPerTrace: Number(values.calls),
        scope: values.scope,
        spansPerSecond: Number(values.rate),
        rounds: Number(values.rounds),
        secondsPerRound: Number(values.seconds),
        gogc: values.gogc,
        memoryMib: Number(values.memory),
        stages: values.stages,
      }),
);
console.log(`${cpus()[0]?.model ?? ''}, ${cpus().length} cores; OTLP/JSON as the instrumentation sends it.`);
