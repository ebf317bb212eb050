import type { CallFacts, CallObserver, EndedBy, Failure, Observer, Outcome } from '../facts.ts';
import { guard } from '../guard.ts';
import { hiddenProperty } from '../hidden-property.ts';
import { Attempts } from './attempts.ts';
import { ChunkTimes } from './chunk-times.ts';
import { callFailure, CLIENT_FAILURE, isCancel } from './failure.ts';
import { openCalls, type Arrived, type Open } from './open-calls.ts';
import {
  abandonedOutcome,
  failedAfterResponse,
  outcomeOfNativeEnd,
  streamOutcome,
  type EndOfRead,
  type Phase,
} from './outcomes.ts';
import { readAnswer } from './read-answer.ts';
import { isReadByHelper, RequestFacts } from './read-request.ts';
import { MESSAGES_CREATE } from './routes.ts';
import {
  iteratorMaker,
  type Client,
  type IteratorMaker,
  type RequestOptions,
  type ResponseProps,
  type StreamLike,
} from './shapes.ts';
import { watchStream, type StreamEnd } from './stream.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/** Of what the SDK passes from promise to promise: the application sees it where it inspects one. */
const ofProps = hiddenProperty<Call>();

/** One call: what the SDK does for one invocation of one of its methods, told to an observer. */
export class Call implements Open {
  readonly facts: CallFacts;
  readonly observer: CallObserver;
  readonly attempts: Attempts;
  readonly #client: Client;
  /** The SDK hands the same object on from retry to retry. Let go at the end, since it holds the body. */
  #options: RequestOptions | undefined;
  /** The same, where the call was given up while the SDK is still at it: what follows is no call of its own. */
  #abandonedOptions: WeakRef<RequestOptions> | undefined;
  #phase: Phase = 'requesting';
  #streamed: StreamedAnswer | undefined;
  #isParsedByHelper = false;
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
    this.attempts = new Attempts(this, client);
  }

  /** Starts recording the call that `client` is about to make with `options`; `undefined` where nothing is to be recorded. */
  static start(observer: Observer, client: Client, options: RequestOptions): Call | undefined {
    const facts = new RequestFacts(client, options);
    let call: Call | undefined;
    const started = observer.startCall(facts, (inError) =>
      call ? call.#endedByNative(inError) : { kind: 'canceled', answer: undefined },
    );
    if (!started) return undefined;
    call = new Call(client, options, facts, started);
    openCalls.add(call);
    return call;
  }

  get isEnded(): boolean {
    return this.#phase === 'ended';
  }

  /** The caller aborted it, while it was not over. */
  get isAborted(): boolean {
    return this.#options?.signal?.aborted === true;
  }

  get isBeingRead(): boolean {
    return this.#phase === 'parsing' || this.#phase === 'streaming';
  }

  /** Whether `options` is what the SDK repeats this call with. */
  isRetriedWith(options: unknown): boolean {
    if (this.isEnded) return options === this.#abandonedOptions?.deref();
    return this.#phase === 'waiting' && options === this.#options;
  }

  /** The SDK decided to retry, and sleeps first. */
  retryDecided(): void {
    if (this.isEnded) return;
    this.#phase = 'waiting';
    this.attempts.sleepBegins();
  }

  /** The sleep is over. */
  retryBegins(): void {
    if (this.isEnded) return;
    this.attempts.sleepEnds();
    this.#phase = 'requesting';
  }

  /** The SDK has a response to hand on. */
  responded(props: ResponseProps): void {
    if (this.isEnded) return;
    const { response } = props;
    const facts = this.attempts.handedOn(response);
    this.#phase = 'responded';
    if (facts) this.observer.responded(facts);
    ofProps.set(props, this);
    openCalls.responded(this, response);
  }

  /** The call failed before the SDK had a response to hand on. */
  failed(error: unknown): void {
    this.attempts.sleepEnds();
    if (isCancel(this.#client, error)) {
      this.#end({ kind: 'canceled', answer: undefined });
      return;
    }
    const failure = this.#failureOf(error);
    const response = this.attempts.failed(failure);
    if (response) this.observer.responded(response);
    this.#end(this.#failedOutcome(failure));
  }

  /** An error that cannot be looked at is a failure all the same. */
  #failureOf(error: unknown): Failure {
    return guard('failure', () => callFailure(this.#client, error, this.#options)) ?? CLIENT_FAILURE;
  }

  #failedOutcome(failure: Failure): Outcome {
    const isOfTheWire = failure.type !== 'client_error';
    return {
      kind: 'failed',
      failure,
      answer: undefined,
      exhausted: this.attempts.endedRetryable && isOfTheWire,
    };
  }

  /** The application asked for the raw response instead of the parsed one. */
  handedOver(): void {
    if (this.#phase !== 'responded' || this.observer.endsItself) return;
    this.#end({ kind: 'succeeded', answer: undefined, endedBy: 'response' });
  }

  /** `byHelper`: a helper of the SDK asked, and reads the answer. */
  parsing(byHelper: boolean): void {
    if (this.#phase !== 'responded') return;
    this.#phase = 'parsing';
    this.#isParsedByHelper = byHelper;
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
    else this.#end(failedAfterResponse(this.#failureOf(error)));
  }

  #watch(stream: StreamLike, maker: IteratorMaker, signal: AbortSignal): void {
    this.#phase = 'streaming';
    const { observer } = this;
    const streamed = new StreamedAnswer(observer.capturesContent);
    this.#streamed = streamed;
    const times = new ChunkTimes(observer);
    this.#stopWatching = watchStream(stream, maker, signal, {
      patience: observer.stalledStreamAfter * 1000,
      started: (iterator) => {
        this.#isRead = true;
        openCalls.heldBy(this, iterator);
      },
      stalled: (seconds) => observer.stalled(seconds),
      waitedInVain: (milliseconds) => times.waited(milliseconds),
      event: (event, now, waited) => {
        times.waited(waited);
        if (streamed.take(event)) times.arrived(now, streamed.model);
      },
      ended: (end) => {
        times.end();
        this.#streamEnded(end, streamed);
      },
    });
    openCalls.becameStream(this, stream);
  }

  #streamEnded(end: StreamEnd, streamed: StreamedAnswer): void {
    this.#end(
      streamOutcome({
        end: this.#endOfRead(end),
        isAborted: this.isAborted,
        isRead: this.#isRead,
        isWhole: this.facts.name !== MESSAGES_CREATE || streamed.stopped,
        servesHelper: () => this.#servesHelper(),
        answer: guard('answer', () => streamed.read()),
      }),
    );
  }

  #endOfRead(end: StreamEnd): EndOfRead {
    if (end.reason !== 'failed') return end.reason;
    return isCancel(this.#client, end.error) ? 'canceled' : this.#failureOf(end.error);
  }

  #servesHelper(): boolean {
    return this.#isParsedByHelper || guard('stream helper', () => isReadByHelper(this.#options)) === true;
  }

  abandon(by: EndedBy): void {
    const response = this.attempts.abandoned();
    this.#abandonedOptions = this.#options && new WeakRef(this.#options);
    if (response) this.observer.responded(response);
    const outcome = abandonedOutcome({
      by,
      phase: this.#phase,
      isRead: this.#isRead,
      servesHelper: () => this.#servesHelper(),
      answer: guard('answer', () => this.#streamed?.read()),
    });
    this.#endNow(this.#outcome ?? outcome);
  }

  /** How the call ended, asked by the native span that is about to end. */
  #endedByNative(inError: boolean): Outcome {
    const known = this.#outcome;
    // What the SDK's helper failed with makes it abort its own request: it says so on its span alone.
    const isKnown = known && !(inError && known.kind === 'canceled');
    const outcome = isKnown ? known : outcomeOfNativeEnd(this.#phase, inError, this.#streamed?.read());
    this.#close();
    return outcome;
  }

  #end(outcome: Outcome): void {
    if (this.isEnded || this.#outcome) return;
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
    if (this.isEnded) return;
    this.#close();
    this.observer.end(outcome);
  }

  /** Lets go of whatever holds the request's or the answer's body: a connection's context may outlive the call. */
  #close(): void {
    this.attempts.close();
    this.#phase = 'ended';
    this.#options = undefined;
    this.#outcome = undefined;
    this.#streamed = undefined;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.facts.forget();
    openCalls.delete(this);
  }
}

/** The call that the SDK's promises of an answer belong to. */
export function callOf(props: ResponseProps | undefined): Call | undefined {
  return props && ofProps.get(props);
}
