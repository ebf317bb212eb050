import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLLECTOR } from '../paths.ts';
import { cached } from './cache.ts';
import { go, goEnvironment } from './go.ts';

const MODULE = ['go.mod', 'go.sum'].map((file) => join(COLLECTOR, 'build', 'jaeger', file));

/** Jaeger of `collector/build/jaeger/go.mod`. Its query API is whole, its UI a placeholder. */
export function jaeger(): string {
  return cached('jaeger', MODULE, (folder) => {
    for (const file of MODULE) copyFileSync(file, join(folder, file.slice(file.lastIndexOf('/') + 1)));
    go(['build', '-o', 'jaeger', 'github.com/jaegertracing/jaeger/cmd/jaeger'], folder, goEnvironment());
  });
}
