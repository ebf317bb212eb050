export { startFakeApi } from './server.ts';
export * as reply from './replies.ts';
export type {
  ErrorDetail,
  FakeApi,
  FakeApiOptions,
  MessageSpec,
  ModelInfo,
  RecordedRequest,
  Reply,
  ReplyHeaders,
  StreamEnding,
  StreamEvent,
  Usage,
} from './types.ts';
