import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLLECTOR } from '../paths.ts';
import { cached } from './cache.ts';
import { go, goEnvironment } from './go.ts';
import { run } from './shell.ts';

const MANIFEST = join(COLLECTOR, 'build', 'manifest.yaml');
const BUILDER = 'go.opentelemetry.io/collector/cmd/builder';
const NAME = 'otelcol-anthropic';

/** The Collector of `collector/build/manifest.yaml`, built by the OpenTelemetry Collector Builder of its version. */
export function otelcol(): string {
  return cached(NAME, [MANIFEST], (folder) => {
    const env = goEnvironment();
    const manifest = readFileSync(MANIFEST, 'utf8');
    const version = /^ {2}version: (\S+)$/m.exec(manifest)?.[1];
    if (version === undefined) throw new Error(`${MANIFEST} names no dist.version`);
    go(['install', `${BUILDER}@v${version}`], folder, { ...env, GOBIN: folder });
    writeFileSync(join(folder, 'manifest.yaml'), manifest);
    run(join(folder, 'builder'), ['--config', 'manifest.yaml'], { cwd: folder, env });
    renameSync(join(folder, 'dist', NAME), join(folder, NAME));
  });
}
