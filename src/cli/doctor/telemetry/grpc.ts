import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { load } from '../../../preload/modules.ts';

interface GrpcExporter {
  export(spans: readonly ReadableSpan[], done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

type GrpcModule = { readonly OTLPTraceExporter: new (options: { timeoutMillis: number }) => GrpcExporter };

/** gRPC's codes, as far as they tell something about the set-up. */
export const GRPC = {
  OK: 0,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;

/** Sends spans over gRPC, as OpenTelemetry's exporter does. Resolves to gRPC's code; -1 for a failure without one. */
export async function sendGrpc(spans: readonly ReadableSpan[], timeoutMs: number): Promise<number> {
  const { OTLPTraceExporter } = load.exporter('@opentelemetry/exporter-trace-otlp-grpc') as GrpcModule;
  const exporter = new OTLPTraceExporter({ timeoutMillis: timeoutMs });
  const result = await new Promise<{ code: number; error?: Error }>((resolve) => {
    exporter.export(spans, resolve);
  });
  await exporter.shutdown();
  if (result.code === 0) return GRPC.OK;
  const code: unknown = (result.error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : -1;
}
