import { startOtlpReceiver, type OtlpReceiver } from '../../src/demo/otlp-receiver.ts';
import { OTLP_SCHEMAS } from './otlp-schema.ts';
import { decodeProtobuf } from './protobuf.ts';

export type { OtlpReceiver, OtlpRequest } from '../../src/demo/otlp-receiver.ts';
export type {
  AttributeValue,
  Attributes,
  ReceivedLog,
  ReceivedMetricPoint,
  ReceivedSpan,
} from '../../src/demo/otlp/types.ts';

/** Starts an OTLP/HTTP receiver for JSON and protobuf on a free port of 127.0.0.1. */
export function startTestReceiver(): Promise<OtlpReceiver> {
  return startOtlpReceiver({
    'application/x-protobuf': (body, signal) => decodeProtobuf(body, OTLP_SCHEMAS[signal]),
  });
}
