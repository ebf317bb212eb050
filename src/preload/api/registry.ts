import { guard } from '../../guard.ts';

/**
 * The one object in which every copy of the OpenTelemetry API in the process, CommonJS or ES module, keeps what
 * is registered with it, by kind. It is at a well-known symbol of the global object. To register, a copy assigns
 * the object to that symbol anew, reads the kind (a value there is a duplicate, which it refuses with an error
 * logged), and assigns the kind.
 */
const KEY = Symbol.for('opentelemetry.js.api.1');
/** Where the logs API keeps its provider as long as it is a package of its own (2.x). */
const LOGS_KEY = Symbol.for('io.opentelemetry.js.api.logs');

const KINDS = ['trace', 'metrics', 'logs', 'context', 'propagation', 'diag'] as const;

/** The kinds of what can be registered. */
export type ApiKind = (typeof KINDS)[number];

/** What is registered, by kind. */
export type Registrations = { [K in ApiKind]?: unknown };

const holder = globalThis as { [KEY]?: Registrations | undefined; [LOGS_KEY]?: unknown };

/** What is registered at present, or nothing. */
export function registrations(): Registrations | undefined {
  return holder[KEY];
}

/**
 * Watches what is registered, by any copy of the API.
 *
 * What is there when the watch begins is ours, and must not stand in the application's way: the listener hears
 * of a registration just before it is decided, and makes way for it with {@link release}.
 */
export class ApiRegistry {
  readonly #onRegistration: (kind: ApiKind) => void;
  /** The kinds of which what is ours was not released. */
  readonly #watched = new Set<ApiKind>(KINDS);
  #registrations: Registrations | undefined;
  #capturedLogs: unknown;
  /** A copy of the API is in the middle of registering something. */
  #isRegistering = false;
  #isCapturing = false;

  /** @param onRegistration called for each registration of what is ours; must not throw. */
  constructor(onRegistration: (kind: ApiKind) => void) {
    this.#onRegistration = onRegistration;
    const current = holder[KEY] ?? {};
    this.#registrations = current;
    Object.defineProperty(holder, KEY, {
      configurable: true,
      enumerable: true,
      get: () => this.#registrations,
      set: (value: Registrations | undefined) => {
        this.#assigned(value);
      },
    });
    for (const kind of KINDS) this.#watch(current, kind);
  }

  /** Takes back what is ours of a kind. */
  release(kind: ApiKind): void {
    this.#watched.delete(kind);
    // What others assigned after us is a plain value.
    if (this.#registrations && isWatched(this.#registrations, kind)) delete this.#registrations[kind];
    if (kind === 'logs' && this.#capturedLogs !== undefined && holder[LOGS_KEY] === this.#capturedLogs) {
      delete holder[LOGS_KEY];
    }
  }

  /**
   * Runs a function that registers things, with a registry of their own, and returns that. For good it registers
   * only loggers and the logger for diagnostics.
   */
  capture(run: () => void): Registrations {
    const kept = this.#registrations;
    const logsBefore = holder[LOGS_KEY];
    this.#registrations = undefined;
    this.#isCapturing = true;
    try {
      run();
      const captured: Registrations = this.#registrations ?? {};
      for (const kind of ['diag', 'logs'] as const) {
        if (kept && captured[kind] !== undefined) kept[kind] ??= captured[kind];
      }
      this.#capturedLogs = holder[LOGS_KEY] === logsBefore ? undefined : holder[LOGS_KEY];
      return captured;
    } finally {
      this.#registrations = kept;
      this.#isCapturing = false;
    }
  }

  #assigned(value: Registrations | undefined): void {
    this.#registrations = value;
    if (this.#isCapturing) return;
    guard('registrations', () => this.#watchCleared());
    this.#isRegistering = true;
    queueMicrotask(() => {
      this.#isRegistering = false;
    });
  }

  /** Who registers may have cleared what was there, with the API's `disable()`, which takes our watch along. */
  #watchCleared(): void {
    const current = this.#registrations;
    if (!current) return;
    for (const kind of this.#watched) {
      if (!Object.hasOwn(current, kind)) this.#watch(current, kind);
    }
  }

  #watch(current: Registrations, kind: ApiKind): void {
    let value = current[kind];
    let isReleased = false;
    Object.defineProperty(current, kind, {
      configurable: true,
      enumerable: true,
      get: () => {
        if (this.#isRegistering) {
          this.#isRegistering = false;
          if (kind !== 'diag') {
            this.#onRegistration(kind);
            isReleased = !isWatched(current, kind);
          }
        }
        return isReleased ? undefined : value;
      },
      set: (next: unknown) => {
        this.#isRegistering = false;
        value = next;
      },
    });
  }
}

function isWatched(current: Registrations, kind: ApiKind): boolean {
  return Object.getOwnPropertyDescriptor(current, kind)?.get !== undefined;
}
