import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { freeStackPorts, startStack } from '../../scripts/stack/stack.ts';
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
