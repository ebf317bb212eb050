import type { ModelInfo } from './types.ts';

const MODELS = [
  ['claude-haiku-5-5', 'Claude Haiku 5.5', '2026-10-08'],
  ['claude-sonnet-5-5', 'Claude Sonnet 5.5', '2026-09-17'],
  ['claude-opus-5-5', 'Claude Opus 5.5', '2026-08-20'],
  ['claude-opus-5', 'Claude Opus 5', '2026-05-05'],
  ['claude-haiku-4-5', 'Claude Haiku 4.5', '2025-10-15'],
] as const;

/** The models that the server lists by default, newest first. */
export const DEFAULT_MODELS: readonly ModelInfo[] = MODELS.map(([id, display_name, day]) => ({
  type: 'model',
  id,
  display_name,
  created_at: `${day}T00:00:00Z`,
}));
