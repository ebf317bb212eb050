import { spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../scripts/stack/paths.ts';
import { freeStackPorts, startStack } from '../../scripts/stack/programs/stack.ts';
import { temporaryFolder } from './folder.ts';

const folder = temporaryFolder();

it('does not take what listens already for the stack, and says where it listens', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const ports = await freeStackPorts();
  // Nothing is started, so that no program is needed.
  const paths = { otelcol: '', jaeger: '', prometheus: '', alertmanager: '' };
  const start = startStack({
    paths,
    ports: { ...ports, jaeger: { ...ports.jaeger, query: port }, prometheus: port },
    folder,
  });
  await expect(start).rejects.toThrow(`ports in use: ${port} (Jaeger: query), ${port} (Prometheus).`);
  await new Promise((resolve) => other.close(resolve));
});

it.each([
  [{ STACK_OTELCOL: '/nowhere' }, [], 'no otelcol: STACK_OTELCOL=/nowhere is not an executable file'],
  [{}, ['--speed', 'fast'], '--speed=fast: a number above 0 is allowed'],
  [{}, ['--speed', '0'], '--speed=0: a number above 0 is allowed'],
])('with %o and %o it ends with one line', (env, args, line) => {
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'scripts/stack/run.ts'), ...args],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } },
  );
  expect(result.stderr).toBe(`${line}\n`);
  expect(result.status).toBe(1);
});
