/** The protocols that go over HTTP, each with its content type. */
export const CONTENT_TYPES = {
  'http/json': 'application/json',
  'http/protobuf': 'application/x-protobuf',
} as const;

export type HttpProtocol = keyof typeof CONTENT_TYPES;
export type Protocol = 'grpc' | HttpProtocol;

/** What OpenTelemetry's SDK for Node takes when no variable says. */
export const DEFAULT_PROTOCOL = 'http/protobuf' satisfies Protocol;

/** Whether a variable's text names a protocol. */
export function isProtocol(text: string | undefined): text is Protocol {
  return text === 'grpc' || (text !== undefined && Object.hasOwn(CONTENT_TYPES, text));
}
