/**
 * What is compared: one row for each way to run the same calls.
 *
 * @typedef {'none' | 'native' | 'ours' | 'by-hand' | 'openinference' | 'traceloop'} Instrumentation
 *
 * @typedef {object} Variant
 * @property {string} id
 * @property {string} label
 * @property {string} sdk the SDK's folder in `node_modules`
 * @property {Instrumentation} instrumentation what is added to the SDK
 * @property {boolean} native whether the SDK's own tracing is on
 * @property {string} [baseline] the variant to which its cost is added
 */

const NEW_SDK = 'sdk-1.12';
const OLD_SDK = 'sdk-0.91';

/** @type {readonly Variant[]} */
export const VARIANTS = [
  {
    id: 'none-new',
    label: 'SDK 1.12, no instrumentation',
    sdk: NEW_SDK,
    instrumentation: 'none',
    native: false,
  },
  {
    id: 'native',
    label: 'SDK 1.12, native spans alone',
    sdk: NEW_SDK,
    instrumentation: 'native',
    native: true,
    baseline: 'none-new',
  },
  {
    id: 'ours-new',
    label: 'SDK 1.12, ours on top of native',
    sdk: NEW_SDK,
    instrumentation: 'ours',
    native: true,
    baseline: 'native',
  },
  {
    id: 'openinference',
    label: 'SDK 1.12, openinference (native off)',
    sdk: NEW_SDK,
    instrumentation: 'openinference',
    native: false,
    baseline: 'none-new',
  },
  {
    id: 'none-old',
    label: 'SDK 0.91, no instrumentation',
    sdk: OLD_SDK,
    instrumentation: 'none',
    native: false,
  },
  {
    id: 'ours-old',
    label: 'SDK 0.91, ours',
    sdk: OLD_SDK,
    instrumentation: 'ours',
    native: false,
    baseline: 'none-old',
  },
  {
    id: 'by-hand',
    label: 'SDK 0.91, by hand, successes alone',
    sdk: OLD_SDK,
    instrumentation: 'by-hand',
    native: false,
    baseline: 'none-old',
  },
  {
    id: 'traceloop',
    label: 'SDK 0.91, traceloop',
    sdk: OLD_SDK,
    instrumentation: 'traceloop',
    native: false,
    baseline: 'none-old',
  },
];

/**
 * @param {string | undefined} id
 * @returns {Variant}
 */
export function variantOf(id) {
  const variant = VARIANTS.find((candidate) => candidate.id === id);
  if (!variant) throw new Error(`no variant "${id}"; there are ${VARIANTS.map((one) => one.id).join(', ')}`);
  return variant;
}
