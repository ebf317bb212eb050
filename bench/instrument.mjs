/** Instruments a copy of the SDK in one of the ways that are compared. */
import { createRequire } from 'node:module';
import { instrumentByHand } from './by-hand.mjs';

const requirePeer = createRequire(new URL('peers/package.json', import.meta.url));

/** @type {Readonly<Record<import('./variants.mjs').Instrumentation, (sdk: object) => Promise<void>>>} */
export const INSTRUMENT = {
  none: async () => {},
  native: async () => {},
  ours: async (sdk) => {
    const { AnthropicInstrumentation } = await import('../dist/index.js');
    new AnthropicInstrumentation().manuallyInstrument(sdk);
  },
  'by-hand': async (sdk) => {
    instrumentByHand(/** @type {Parameters<typeof instrumentByHand>[0]} */ (sdk));
  },
  openinference: async (sdk) => {
    const { AnthropicInstrumentation } = requirePeer('@arizeai/openinference-instrumentation-anthropic');
    new AnthropicInstrumentation().manuallyInstrument(sdk);
  },
  traceloop: async (sdk) => {
    const { AnthropicInstrumentation } = requirePeer('@traceloop/instrumentation-anthropic');
    new AnthropicInstrumentation().manuallyInstrument(sdk);
  },
};
