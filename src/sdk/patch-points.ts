/** Where the SDK is patched, by era. */

/** The methods of the SDK's client class that are wrapped, each with the number of parameters it has at least. */
export const CLIENT_METHODS = {
  makeRequest: 2,
  request: 1,
  requestAPIList: 2,
  fetchWithTimeout: 4,
  retryRequest: 2,
} as const;

export type ClientMethod = keyof typeof CLIENT_METHODS;

export interface PatchPoint {
  /** Files of the package that define the class: the ESM and the CommonJS build have one each. */
  readonly files: readonly string[];
  /** The SDK versions of which this holds. */
  readonly versions: readonly string[];
  /** The exported class that owns the methods. */
  readonly className: string;
}

export const SDK_PACKAGE = '@anthropic-ai/sdk';

export const PATCH_POINTS: readonly PatchPoint[] = [
  { files: ['core.js', 'core.mjs'], versions: ['>=0.27.0 <0.50.0'], className: 'APIClient' },
  { files: ['client.js', 'client.mjs'], versions: ['>=0.50.0 <2.0.0'], className: 'BaseAnthropic' },
];

/** The versions that pass the behaviour suite. Others within the patch points' ranges are patched where their shape fits. */
export const TESTED_VERSIONS = [
  '0.39.0',
  '0.60.0',
  '0.91.1',
  '0.133.0',
  '0.134.0',
  '1.12.0',
  '1.14.0',
] as const;
