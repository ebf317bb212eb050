import type { AttemptObserver, CallFacts, CallObserver, Failure, ResponseFacts } from '../facts.ts';
import { guard } from '../guard.ts';
import { attemptsInFlight } from './attempts-in-flight.ts';
import { runIn } from './context-manager.ts';
import { connectionFailure, responseFailure } from './failure.ts';
import { obeys } from './obeyed-wait.ts';
import { asPlainPromise, isThenable, tap } from './promises.ts';
import { isRetried, readResponse } from './read-response.ts';
import type { Client, ResponseLike } from './shapes.ts';
import { templateOf, urlText } from './urls.ts';

/** The call that the attempts belong to. */
interface AttemptedCall {
  readonly facts: CallFacts;
  readonly observer: CallObserver;
  readonly isEnded: boolean;
  /** Its caller aborted it. */
  readonly isAborted: boolean;
}

interface Answered {
  readonly response: ResponseLike;
  readonly facts: ResponseFacts;
}

/** An attempt that was answered with an error status and whose kind of failure is not known yet. */
interface UnresolvedAttempt {
  readonly observer: AttemptObserver;
  readonly response: ResponseFacts;
}

/** The attempts of one call, and the sleeps between them. */
export class Attempts {
  readonly #call: AttemptedCall;
  readonly #client: Client;
  #count = 0;
  /** A middleware may make several attempts at once. */
  readonly #inFlight = new Set<AttemptObserver>();
  #unresolved: UnresolvedAttempt | undefined;
  /** The last attempt's response, until the SDK hands one on. */
  #latest: Answered | undefined;
  /** `error.type` of the last failure, until the attempt that repeats it. */
  #retryReason: string | undefined;
  /** When the sleep began that the call is in. */
  #sleepsSince: number | undefined;
  #retryWait: number | undefined;
  /** Whether the last failure is one that the SDK retries. */
  endedRetryable = false;

  constructor(call: AttemptedCall, client: Client) {
    this.#call = call;
    this.#client = client;
  }

  /**
   * Makes one attempt by `send`, which is called exactly once, and gives back what it gives. `send` gets the
   * headers to add to the request, which there are only where the application asked for propagation.
   */
  make(url: unknown, method: unknown, send: (added?: Readonly<Record<string, string>>) => unknown): unknown {
    const observer = guard('attempt start', () => this.#start(url, method));
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
      guard('attempt failure', () => this.#broke(observer, error));
      throw error;
    }
    const onResponse = (response: unknown): void => {
      settled();
      this.#responded(observer, response as ResponseLike);
    };
    const onError = (error: unknown): void => {
      settled();
      this.#broke(observer, error);
    };
    if (isThenable(sent)) return tap('attempt', asPlainPromise(sent), onResponse, onError);
    guard('attempt', () => onResponse(sent));
    return sent;
  }

  #start(url: unknown, method: unknown): AttemptObserver {
    this.#resolveUnread();
    const text = urlText(url);
    const observer = this.#call.observer.startAttempt({
      method: typeof method === 'string' ? method.toUpperCase() : 'GET',
      url: text,
      template: templateOf(text, this.#call.facts.route),
      resendCount: this.#count,
      retryWait: this.#retryWait,
      retryReason: this.#retryReason,
    });
    this.#count += 1;
    this.#retryWait = undefined;
    this.#retryReason = undefined;
    return observer;
  }

  #responded(observer: AttemptObserver, response: ResponseLike): void {
    const facts = guard('response', () => readResponse(response));
    if (!facts) {
      observer.end({});
      return;
    }
    observer.responded(facts);
    // A middleware may make several attempts at once: only the last answer can be the one that the SDK reads.
    this.#resolveUnread();
    const isLate = this.#call.isEnded;
    // What the SDK takes for a failure is one, a redirect that `fetch` does not follow too.
    const failed = facts.status >= 400 || !response.ok;
    if (!failed) observer.end({});
    else if (isLate) observer.end({ failure: responseFailure(facts) });
    else this.#unresolved = { observer, response: facts };
    if (isLate) return;
    this.#latest = { response, facts };
    this.endedRetryable = !response.ok && isRetried(facts.status, response.headers.get('x-should-retry'));
  }

  #broke(observer: AttemptObserver, error: unknown): void {
    const canceled = this.#call.isAborted;
    const failure = canceled ? undefined : connectionFailure(error);
    this.#retryReason = failure?.type;
    this.endedRetryable = !canceled;
    observer.end({ failure, canceled });
  }

  /** Nobody reads the body of what is unresolved: its status says what its failure was. */
  #resolveUnread(): void {
    if (!this.#unresolved) return;
    const { observer, response } = this.#unresolved;
    const failure = responseFailure(response);
    this.#unresolved = undefined;
    this.#retryReason = failure.type;
    observer.end({ failure });
  }

  /** The SDK decided to retry, and sleeps first. */
  sleepBegins(): void {
    const asked = this.#unresolved?.response.retryAfter;
    const isObeyed = asked !== undefined && obeys(this.#client, asked);
    this.#resolveUnread();
    this.#sleepsSince = performance.now();
    this.#call.observer.waiting({
      asked: isObeyed ? asked : undefined,
      reason: this.#retryReason ?? 'client_error',
    });
  }

  /** The sleep is over, where there was one. */
  sleepEnds(): void {
    if (this.#sleepsSince === undefined) return;
    this.#retryWait = (performance.now() - this.#sleepsSince) / 1000;
    this.#sleepsSince = undefined;
    this.#call.observer.waited(this.#retryWait);
  }

  /** The SDK hands `response` on. Gives what it says. */
  handedOn(response: ResponseLike): ResponseFacts | undefined {
    const latest = this.#latest;
    this.#latest = undefined;
    this.#resolveUnread();
    return latest?.response === response ? latest.facts : guard('response', () => readResponse(response));
  }

  /** The call failed before the SDK handed a response on. Gives what the response said that it failed by. */
  failed(failure: Failure): ResponseFacts | undefined {
    const unresolved = this.#unresolved;
    if (!unresolved) {
      const latest = this.#latest?.facts;
      return latest?.status === failure.status ? latest : undefined;
    }
    this.#unresolved = undefined;
    const { observer, response } = unresolved;
    // Where the error is of this response, the SDK has read its body, once: the attempt's failure is the call's.
    const isOfResponse = failure.status === response.status;
    observer.end({ failure: isOfResponse ? failure : responseFailure(response) });
    if (isOfResponse || failure.status === undefined) return response;
    // Of one that a middleware made, which the SDK decided by.
    this.endedRetryable = isRetried(failure.status, null);
    return undefined;
  }

  /** Nobody waits for them any more. Gives what the last response said, where none was handed on. */
  abandoned(): ResponseFacts | undefined {
    this.sleepEnds();
    for (const attempt of this.#inFlight) attempt.end({ canceled: true });
    return this.#latest?.facts;
  }

  /** The call has ended: lets go of its response. */
  close(): void {
    this.#resolveUnread();
    this.#latest = undefined;
    this.#sleepsSince = undefined;
  }
}
