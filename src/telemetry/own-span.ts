import { context, SpanKind, type Context, type Span } from '@opentelemetry/api';
import type { CallFacts } from '../facts.ts';
import { guard } from '../guard.ts';
import { CallSpan } from './call-span.ts';
import { ContextWithSpan } from './context-with-span.ts';
import type { CallLabels } from './labels.ts';
import type { Recording } from './recording.ts';
import type { SealedSpan } from './seal.ts';
import type { Target } from './target.ts';

/** A span of ours, which looks like the SDK's own. */
export class OwnSpan extends CallSpan {
  readonly context: Context;
  readonly endsItself = false;
  readonly isOurs = true;

  constructor(recording: Recording, facts: CallFacts, labels: CallLabels) {
    const active = context.active();
    const span = start(recording, facts, labels, active);
    super(recording, facts, span);
    this.context = span ? new ContextWithSpan(active, span) : active;
  }

  attempted(target: Target): void {
    if (this.records) guard('request', () => this.span?.setAttributes({ ...target.ofCall }));
  }

  firstChunk(seconds: number): void {
    this.sealed?.set('gen_ai.response.time_to_first_chunk', seconds);
  }

  protected standsInForSdk(): boolean {
    return true;
  }

  protected describeRequest(sealed: SealedSpan): void {
    this.facts.describe(sealed);
  }
}

function start(
  recording: Recording,
  { native, name, route }: CallFacts,
  labels: CallLabels,
  parent: Context,
): Span | undefined {
  if (native === 'unsampled') return undefined;
  return guard('call span', () => {
    const attributes = { ...labels.ofSpan(route) };
    return recording.tracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  });
}
