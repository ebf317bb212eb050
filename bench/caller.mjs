/** Sets up one variant in this process, to make calls with. */
import { cannedFetch, REQUEST } from './canned.mjs';
import { INSTRUMENT } from './instrument.mjs';
import { doOtherWork } from './other-work.mjs';
import { exported, startTelemetry } from './telemetry.mjs';

/**
 * @typedef {object} Caller
 * @property {<T>(run: () => T) => T} inRequest runs `run` as within a request that the application serves
 * @property {(deltas: number | undefined) => () => Promise<void>} maker gives what makes one call, streamed
 *   where `deltas` is given, and reads its answer
 * @property {() => Promise<number>} spans how many spans were exported so far
 */

/**
 * @param {import('./variants.mjs').Variant} variant
 * @returns {Promise<Caller>}
 */
export async function setUp(variant) {
  const telemetry = startTelemetry();
  await telemetry.inRequest(doOtherWork);
  const sdk = await import(variant.sdk);
  await INSTRUMENT[variant.instrumentation](sdk);
  return {
    inRequest: telemetry.inRequest,
    maker(deltas) {
      const options = { apiKey: 'none', fetch: cannedFetch(deltas) };
      const client = new sdk.Anthropic(variant.native ? options : { ...options, openTelemetry: false });
      if (deltas === undefined) {
        return async () => {
          await client.messages.create(REQUEST);
        };
      }
      return async () => {
        let events = 0;
        for await (const event of await client.messages.create({ ...REQUEST, stream: true })) {
          if (event.type === 'content_block_delta') events += 1;
        }
        if (events !== deltas) throw new Error(`read ${events} events of ${deltas}`);
      };
    },
    async spans() {
      await telemetry.flush();
      return exported.spans;
    },
  };
}
