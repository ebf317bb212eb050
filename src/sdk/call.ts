import { guard } from '../guard.ts';
import type {
  Answer,
  AttemptObserver,
  CallFacts,
  CallObserver,
  EndedBy,
  Failure,
  Observer,
  Outcome,
  ResponseFacts,
} from '../facts.ts';
import { attemptsInFlight } from './attempts-in-flight.ts';
import { runIn } from './context-manager.ts';
import {
  callFailure,
  CLIENT_FAILURE,
  connectionFailure,
  isCancel,
  responseFailure,
  TRUNCATED_STREAM,
} from './failure.ts';
import { openCalls, type Arrived, type Open } from './open-calls.ts';
import { asPlainPromise, isThenable, tap } from './promises.ts';
import { readAnswer } from './read-answer.ts';
import { isReadByHelper, readCall } from './read-request.ts';
import { isRetried, readResponse } from './read-response.ts';
import { MESSAGES_CREATE } from './routes.ts';
import {
  iteratorMaker,
  type Client,
  type IteratorMaker,
  type RequestOptions,
  type ResponseLike,
  type ResponseProps,
  type StreamLike,
} from './shapes.ts';
import { watchStream, type StreamEnd } from './stream.ts';
import { StreamedAnswer } from './streamed-answer.ts';
import { templateOf, urlText } from './urls.ts';

/** Where a call is kept on what the SDK passes from promise to promise, and never to the application. */
const CALL = Symbol('call');

type PropsOfCall = ResponseProps & { [CALL]?: Call };

/** Pieces of content that arrive within so many milliseconds count as one. */
const ONE_CHUNK_MS = 1;

/** An attempt that was answered with an error status and whose kind of failure is not known yet. */
interface UnresolvedAttempt {
  readonly observer: AttemptObserver;
  readonly response: ResponseFacts;
}

type Phase = 'requesting' | 'waiting' | 'responded' | 'parsing' | 'streaming' | 'ended';

/** One call: what the SDK does for one invocation of one of its methods, told to an observer. */
export class Call implements Open {
  readonly facts: CallFacts;
  readonly observer: CallObserver;
  readonly #client: Client;
  /** The SDK hands the same object on from retry to retry. Let go at the end, since it holds the body. */
  #options: RequestOptions | undefined;
  /** The same, where the call was given up while the SDK is still at it: what follows is no call of its own. */
  #abandonedOptions: WeakRef<RequestOptions> | undefined;
  #phase: Phase = 'requesting';
  #attempts = 0;
  /** A middleware may make several attempts at once. */
  readonly #inFlight = new Set<AttemptObserver>();
  #unresolved: UnresolvedAttempt | undefined;
  /** The last attempt's response, until the SDK hands one on. */
  #latest: { readonly response: ResponseLike; readonly facts: ResponseFacts } | undefined;
  /** `error.type` of the last failure, until the attempt that repeats it. */
  #retryReason: string | undefined;
  #waitingSince = 0;
  #retryWait: number | undefined;
  /** The last failure is one that the SDK retries. */
  #lastWasRetried = false;
  #streamed: StreamedAnswer | undefined;
  #isReadByHelper = false;
  /** Someone has begun to read the stream. */
  #isRead = false;
  #stopWatching: (() => void) | undefined;
  isRegistered = false;
  arrived: Arrived | undefined;
  #outcome: Outcome | undefined;

  private constructor(client: Client, options: RequestOptions, facts: CallFacts, observer: CallObserver) {
    this.#client = client;
    this.#options = options;
    this.facts = facts;
    this.observer = observer;
  }

  /** Starts recording the call that `client` is about to make with `options`; `undefined` where nothing is to be recorded. */
  static start(observer: Observer, client: Client, options: RequestOptions): Call | undefined {
    const facts = readCall(client, options);
    let call: Call | undefined;
    const started = observer.startCall(
      facts,
      (inError) => call?.endedByNative(inError) ?? { kind: 'canceled', answer: undefined },
    );
    if (!started) return undefined;
    call = new Call(client, options, facts, started);
    openCalls.add(call);
    return call;
  }

  get isBeingRead(): boolean {
    return this.#phase === 'parsing' || this.#phase === 'streaming';
  }

  /** Whether `options` is what the SDK repeats this call with. */
  isRetriedWith(options: unknown): boolean {
    if (this.#phase === 'ended') return options === this.#abandonedOptions?.deref();
    return this.#phase === 'waiting' && options === this.#options;
  }

  /** The SDK decided to retry, and sleeps first. */
  retryDecided(): void {
    if (this.#phase === 'ended') return;
    const asked = this.#unresolved?.response.retryAfter;
    this.#resolveUnread();
    this.#phase = 'waiting';
    this.#waitingSince = performance.now();
    this.observer.waiting({ asked, reason: this.#retryReason ?? 'client_error' });
  }

  /** The sleep is over. */
  retryBegins(): void {
    if (this.#phase === 'ended') return;
    this.#endWait();
    this.#phase = 'requesting';
  }

  #endWait(): void {
    if (this.#phase !== 'waiting') return;
    this.#retryWait = (performance.now() - this.#waitingSince) / 1000;
    this.observer.waited(this.#retryWait);
  }

  /**
   * Makes one attempt by `send`, which is called exactly once, and gives back what it gives. `send` gets the
   * headers to add to the request, which there are only where the application asked for propagation.
   */
  attempt(
    url: unknown,
    method: unknown,
    send: (added?: Readonly<Record<string, string>>) => unknown,
  ): unknown {
    const observer = guard('attempt start', () => this.#startAttempt(url, method));
    if (!observer) return send();
    const settled = (): void => {
      attemptsInFlight.delete();
      this.#inFlight.delete(observer);
    };
    attemptsInFlight.add();
    this.#inFlight.add(observer);
    let sent: unknown;
    try {
      sent = runIn(observer.context, () => send(observer.injected));
    } catch (error) {
      settled();
      guard('attempt failure', () => this.#attemptBroke(observer, error));
      throw error;
    }
    const onResponse = (response: unknown): void => {
      settled();
      this.#attemptResponded(observer, response as ResponseLike);
    };
    const onError = (error: unknown): void => {
      settled();
      this.#attemptBroke(observer, error);
    };
    if (isThenable(sent)) {
      return tap('attempt', asPlainPromise(sent), onResponse, onError);
    }
    guard('attempt', () => onResponse(sent));
    return sent;
  }

  #startAttempt(url: unknown, method: unknown): AttemptObserver {
    this.#resolveUnread();
    const text = urlText(url);
    const observer = this.observer.startAttempt({
      method: typeof method === 'string' ? method.toUpperCase() : 'GET',
      url: text,
      template: templateOf(text, this.facts.route),
      resendCount: this.#attempts,
      retryWait: this.#retryWait,
      retryReason: this.#retryReason,
    });
    this.#attempts += 1;
    this.#retryWait = undefined;
    this.#retryReason = undefined;
    return observer;
  }

  #attemptResponded(observer: AttemptObserver, response: ResponseLike): void {
    const facts = guard('response', () => readResponse(response));
    if (!facts) {
      observer.end({});
      return;
    }
    observer.responded(facts);
    // A middleware may make several attempts at once: only the last answer can be the one that the SDK reads.
    this.#resolveUnread();
    const isLate = this.#phase === 'ended';
    // What the SDK takes for a failure is one, a redirect that `fetch` does not follow too.
    const failed = facts.status >= 400 || !response.ok;
    if (!failed) observer.end({});
    else if (isLate) observer.end({ failure: responseFailure(facts) });
    else this.#unresolved = { observer, response: facts };
    if (isLate) return;
    this.#latest = { response, facts };
    this.#lastWasRetried = !response.ok && isRetried(facts.status, response.headers.get('x-should-retry'));
  }

  #attemptBroke(observer: AttemptObserver, error: unknown): void {
    const canceled = this.#options?.signal?.aborted === true;
    const failure = canceled ? undefined : connectionFailure(error);
    this.#retryReason = failure?.type;
    this.#lastWasRetried = !canceled;
    observer.end({ failure, canceled });
  }

  #resolveAttempt(failure: Failure): void {
    this.#unresolved?.observer.end({ failure });
    this.#unresolved = undefined;
    this.#retryReason = failure.type;
  }

  /** The SDK has a response to hand on. */
  responded(props: ResponseProps): void {
    if (this.#phase === 'ended') return;
    const { response } = props;
    const isKnown = this.#latest?.response === response;
    const facts = isKnown ? this.#latest?.facts : guard('response', () => readResponse(response));
    this.#latest = undefined;
    this.#resolveUnread();
    this.#phase = 'responded';
    if (facts) this.observer.responded(facts);
    (props as PropsOfCall)[CALL] = this;
    openCalls.responded(this, response);
  }

  /** The call failed before the SDK had a response to hand on. */
  failed(error: unknown): void {
    this.#endWait();
    if (isCancel(this.#client, error)) {
      this.#end({ kind: 'canceled', answer: undefined });
      return;
    }
    const failure = this.#failureOf(error);
    const unresolved = this.#unresolved;
    if (unresolved) {
      this.#unresolved = undefined;
      // Where the error is of this response, the SDK has read its body, once: the attempt's failure is the call's.
      const isOfResponse = failure.status === unresolved.response.status;
      unresolved.observer.end({ failure: isOfResponse ? failure : responseFailure(unresolved.response) });
    }
    const response = unresolved?.response ?? this.#latest?.facts;
    if (response && (unresolved || response.status === failure.status)) this.observer.responded(response);
    this.#end(this.#failedOutcome(failure));
  }

  /** An error that cannot be looked at is a failure all the same. */
  #failureOf(error: unknown): Failure {
    return guard('failure', () => callFailure(this.#client, error, this.#options)) ?? CLIENT_FAILURE;
  }

  #failedOutcome(failure: Failure): Outcome {
    const isOfTheWire = failure.type !== 'client_error';
    return { kind: 'failed', failure, answer: undefined, exhausted: this.#lastWasRetried && isOfTheWire };
  }

  /** Nobody reads the body of what is unresolved: its status says what its failure was. */
  #resolveUnread(): void {
    if (this.#unresolved) this.#resolveAttempt(responseFailure(this.#unresolved.response));
  }

  /** The application asked for the raw response instead of the parsed one. */
  handedOver(): void {
    if (this.#phase !== 'responded' || this.observer.endsItself) return;
    this.#end({ kind: 'succeeded', answer: undefined, endedBy: 'response' });
  }

  /** `isHelpers`: for a helper of the SDK, which reads the answer. */
  parsing(isHelpers: boolean): void {
    if (this.#phase !== 'responded') return;
    this.#phase = 'parsing';
    this.#isReadByHelper = isHelpers;
  }

  parsed(data: unknown, props: ResponseProps): void {
    if (this.#phase !== 'parsing') return;
    const { stream, __binaryResponse: isBinary } = props.options;
    const maker = iteratorMaker(data);
    if (maker === 'decoder' || (maker === 'iterator' && stream && !isBinary)) {
      this.#watch(data as StreamLike, maker, props.controller.signal);
      return;
    }
    this.#end({
      kind: 'succeeded',
      answer: guard('answer', () => readAnswer(this.facts.name, data, this.observer.capturesContent)),
    });
  }

  parseFailed(error: unknown): void {
    if (this.#phase !== 'parsing') return;
    if (isCancel(this.#client, error)) this.#end({ kind: 'canceled', answer: undefined });
    else this.#endFailed(this.#failureOf(error), undefined);
  }

  #watch(stream: StreamLike, maker: IteratorMaker, signal: AbortSignal): void {
    this.#phase = 'streaming';
    const streamed = new StreamedAnswer(this.observer.capturesContent);
    this.#streamed = streamed;
    let first = 0;
    let last = 0;
    let latest = 0;
    let longestWait = 0;
    const { observer } = this;
    const wait = (milliseconds: number): void => {
      if (milliseconds > longestWait) observer.longestGap((longestWait = milliseconds) / 1000);
    };
    this.#stopWatching = watchStream(stream, maker, signal, {
      patience: observer.stalledStreamAfter * 1000,
      started: (iterator) => {
        this.#isRead = true;
        openCalls.heldBy(this, iterator);
      },
      stalled: (seconds) => observer.stalled(seconds),
      waitedInVain: wait,
      event: (event, now, waited) => {
        wait(waited);
        if (!streamed.take(event)) return;
        latest = now;
        if (first === 0) {
          first = last = now;
          observer.firstChunk(streamed.model);
        } else if (now - last >= ONE_CHUNK_MS) {
          observer.chunk((now - last) / 1000);
          last = now;
        }
      },
      ended: (end) => {
        if (last === first && latest > first) observer.chunk((latest - first) / 1000);
        this.#streamEnded(end, streamed);
      },
    });
    openCalls.becameStream(this, stream);
  }

  #streamEnded(end: StreamEnd, streamed: StreamedAnswer): void {
    const answer = guard('answer', () => streamed.read());
    const gaveUp = this.#options?.signal?.aborted === true;
    // A helper that fails before it reads aborts its own request, as a caller may.
    const leftOff = end.reason === 'closed' || (end.reason === 'canceled' && !this.#isRead);
    const helperFailed = !gaveUp && leftOff && this.#isHelpers();
    const aborted =
      gaveUp || end.reason === 'canceled' || (end.reason === 'failed' && isCancel(this.#client, end.error));
    const isCut = this.facts.name === MESSAGES_CREATE && !streamed.stopped;
    if (helperFailed) this.#endFailed(CLIENT_FAILURE, answer);
    else if (aborted || end.reason === 'closed') this.#end({ kind: 'canceled', answer });
    else if (end.reason === 'failed') this.#endFailed(this.#failureOf(end.error), answer);
    else if (isCut) this.#endFailed(TRUNCATED_STREAM, answer);
    else this.#end({ kind: 'succeeded', answer });
  }

  #isHelpers(): boolean {
    return this.#isReadByHelper || guard('stream helper', () => isReadByHelper(this.#options)) === true;
  }

  /** The call failed after the SDK had handed its response on: no retry could have followed. */
  #endFailed(failure: Failure, answer: Answer | undefined): void {
    this.#end({ kind: 'failed', failure, answer, exhausted: false });
  }

  abandon(by: EndedBy): void {
    this.#endWait();
    for (const attempt of this.#inFlight) attempt.end({ canceled: true });
    this.#abandonedOptions = this.#options && new WeakRef(this.#options);
    if (this.#latest) this.observer.responded(this.#latest.facts);
    const answer = guard('answer', () => this.#streamed?.read());
    this.#endNow(this.#outcome ?? this.#helperGaveUp(by) ?? { kind: 'unfinished', endedBy: by, answer });
  }

  /** `messages.stream()` reads its stream at once: one that it dropped unread is that of a listener that threw. */
  #helperGaveUp(by: EndedBy): Outcome | undefined {
    const isDropped = by === 'collected' && this.#phase === 'streaming' && !this.#isRead;
    if (!isDropped || !this.#isHelpers()) return undefined;
    return { kind: 'failed', failure: CLIENT_FAILURE, answer: undefined, exhausted: false };
  }

  /** How the call ended, asked by the native span that is about to end. */
  private endedByNative(inError: boolean): Outcome {
    const known = this.#outcome;
    // What the SDK's helper failed with makes it abort its own request: it says so on its span alone.
    const outcome = known && !(inError && known.kind === 'canceled') ? known : this.#guessOutcome(inError);
    this.#close();
    return outcome;
  }

  /** The SDK sees some ends before we do: a stream that is closed, a response that is taken unparsed. */
  #guessOutcome(inError: boolean): Outcome {
    const answer = this.#streamed?.read();
    if (inError) return { kind: 'failed', failure: CLIENT_FAILURE, answer, exhausted: false };
    if (this.#phase === 'responded') return { kind: 'succeeded', answer, endedBy: 'response' };
    return this.#phase === 'parsing' ? { kind: 'succeeded', answer } : { kind: 'canceled', answer };
  }

  #end(outcome: Outcome): void {
    if (this.#phase === 'ended' || this.#outcome) return;
    if (!this.observer.endsItself) {
      this.#endNow(outcome);
      return;
    }
    this.#outcome = outcome;
    // The SDK ends its span right after, or never: it hears of an abort at the stream's next read alone, and of no
    // stream that is read through its second iterator.
    const isSure = outcome.kind === 'succeeded' && this.#phase !== 'streaming';
    if (!isSure) setImmediate(() => this.#endNow(outcome)).unref();
  }

  #endNow(outcome: Outcome): void {
    if (this.#phase === 'ended') return;
    this.#close();
    this.observer.end(outcome);
  }

  /** Lets go of whatever holds the request's or the answer's body: a connection's context may outlive the call. */
  #close(): void {
    this.#resolveUnread();
    this.#phase = 'ended';
    this.#options = undefined;
    this.#outcome = undefined;
    this.#latest = undefined;
    this.#streamed = undefined;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.facts.forget();
    openCalls.delete(this);
  }
}

/** The call that the SDK's promises of an answer belong to. */
export function callOf(props: PropsOfCall | undefined): Call | undefined {
  return props?.[CALL];
}
