import { context, type Context, type Span } from '@opentelemetry/api';
import type { CallFacts } from '../facts.ts';
import { guard } from '../guard.ts';
import { CallSpan, isInError } from './call-span.ts';
import type { Recording } from './recording.ts';
import { rideSpan } from './ride.ts';
import type { SealedSpan } from './seal.ts';

/** The SDK's own span, which has what the SDK set on it. */
export class NativeSpan extends CallSpan {
  readonly context: Context = context.active();
  readonly endsItself: boolean;
  readonly isOurs = false;

  /** @param beforeEnd is called when the SDK ends the span, before it does. */
  constructor(recording: Recording, facts: CallFacts, span: Span, beforeEnd: (inError: boolean) => void) {
    super(recording, facts, span);
    const ends = (): void => {
      guard('call end', () => beforeEnd(isInError(span)));
    };
    this.endsItself = guard('native span', () => rideSpan(span, ends)) ?? false;
  }

  /** The SDK says it. */
  attempted(): void {}

  /** The SDK says it. */
  firstChunk(): void {}

  protected standsInForSdk(byUs: boolean): boolean {
    return byUs && this.endsItself;
  }

  protected describeRequest(sealed: SealedSpan): void {
    const { provider } = this.facts;
    if (provider !== 'anthropic') sealed.set('gen_ai.provider.name', provider);
  }
}
