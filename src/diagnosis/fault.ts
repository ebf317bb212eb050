import { isList, read, readText } from './safe.ts';

/** One error of a `cause` chain, as far as it could be read. */
export interface FaultFrame {
  /** The error's name and its constructor's: older SDKs keep the class in the latter only. */
  readonly names: readonly string[];
  /** The system's, TLS's or undici's code, where it has the shape of one. */
  readonly code?: string;
  readonly message: string;
}

const MAX_FRAMES = 16;
const MAX_ERRORS = 6;
const MESSAGE_LIMIT = 1024;

/** Error codes of Node, undici, zlib and OpenSSL. A key of any provider does not have this shape. */
const CODE_SHAPE = /^(?:E[A-Z0-9]{2,24}|[A-Z][A-Z0-9]{0,24}(?:_{1,2}[A-Z0-9]{1,24}){1,8})$/;

/** `value` where it is an error code of closed shape. */
export function systemCode(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 64 && CODE_SHAPE.test(value) ? value : undefined;
}

function frameOf(error: unknown): FaultFrame {
  if (typeof error === 'string') return { names: [], message: error.slice(0, MESSAGE_LIMIT) };
  const names = [readText(error, 'name', 64), readText(read(error, 'constructor'), 'name', 64)];
  const code = systemCode(read(error, 'code'));
  return {
    names: names.filter((name) => name !== undefined),
    ...(code !== undefined && { code }),
    message: readText(error, 'message', MESSAGE_LIMIT) ?? '',
  };
}

/**
 * The thrown error, its causes and the members of aggregates, outermost first. Bounded in number; cycles, throwing
 * getters and values that are no errors are survived.
 */
export function faultFrames(error: unknown): readonly FaultFrame[] {
  if (error === undefined || error === null) return [];
  const frames: FaultFrame[] = [];
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  for (let i = 0; i < queue.length && frames.length < MAX_FRAMES; i++) {
    const current = queue[i];
    if (seen.has(current)) continue;
    seen.add(current);
    frames.push(frameOf(current));
    const cause = read(current, 'cause');
    if (cause !== undefined && cause !== null) queue.push(cause);
    const errors = read(current, 'errors');
    if (isList(errors)) {
      for (let k = 0; k < MAX_ERRORS; k++) {
        const member = read(errors, k);
        if (member !== undefined && member !== null) queue.push(member);
      }
    }
  }
  return frames;
}

/** One line for each frame: names, code, message. What the tables of patterns look at. */
export function faultText(frames: readonly FaultFrame[]): string {
  return frames.map((frame) => [...frame.names, frame.code ?? '', frame.message].join(' ')).join('\n');
}
