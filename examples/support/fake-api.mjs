// Stands in for the Claude API where the environment names none.
import { startFakeApi } from '../../dist/demo/fake-api/index.js';

/**
 * @param {readonly import('../../dist/demo/fake-api/index.js').Reply[]} replies answers in order; then the usual ones.
 * @returns {Promise<{ options: { baseURL: string, apiKey: string } | undefined, close(): Promise<void> }>}
 */
export async function useFakeApi(...replies) {
  if (process.env.ANTHROPIC_BASE_URL) return { options: undefined, close: async () => {} };
  const api = await startFakeApi();
  api.enqueue(...replies);
  return { options: { baseURL: api.url, apiKey: 'no-key-needed' }, close: () => api.close() };
}
