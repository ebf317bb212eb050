// Stands in for the Claude API unless ANTHROPIC_BASE_URL names one.
import { startFakeApi } from '../../dist/demo/fake-api/index.js';

/**
 * @param {readonly import('../../dist/demo/fake-api/index.js').Reply[]} replies the first answers, in order; the usual ones follow.
 * @returns {Promise<{ options: { baseURL: string, apiKey: string } | undefined, close(): Promise<void> }>}
 */
export async function useFakeApi(...replies) {
  if (process.env.ANTHROPIC_BASE_URL) return { options: undefined, close: async () => {} };
  const api = await startFakeApi();
  api.enqueue(...replies);
  return { options: { baseURL: api.url, apiKey: 'no-key-needed' }, close: () => api.close() };
}
