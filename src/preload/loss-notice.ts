import { say } from './say.ts';
import type { Letter } from './otlp/letter.ts';

/** What a person can do about a reason. What is not here is a connection that failed. */
const ADVICE: Readonly<Record<string, string>> = {
  401: 'are the credentials in OTEL_EXPORTER_OTLP_HEADERS right?',
  403: 'are the credentials in OTEL_EXPORTER_OTLP_HEADERS allowed to write?',
  404: 'is the path of OTEL_EXPORTER_OTLP_ENDPOINT right?',
  429: 'it takes no more at present',
};

const CONNECTION_ADVICE = 'is a collector listening there, for OTLP over HTTP? Set OTEL_EXPORTER_OTLP_ENDPOINT';

/** Tells once, and not again, that telemetry is lost, to where, why, and what to do. */
export class LossNotice {
  #isGiven = false;

  readonly give = (letter: Letter, reason: string): void => {
    if (this.#isGiven) {
      return;
    }
    this.#isGiven = true;
    const { origin, pathname } = new URL(letter.url);
    const advice = ADVICE[reason] ?? (/^\d/.test(reason) ? 'see its own log' : CONNECTION_ADVICE);
    say(
      `telemetry cannot be sent to ${origin}${pathname} (${reason}): ${advice}, or set OTEL_SDK_DISABLED=true ` +
        'to send none. The application is not affected; this is said once.',
    );
  };
}
