/**
 * Rules or an Alertmanager configuration with every duration divided by `factor`, so that a test sees in seconds what
 * takes minutes: `[5m]`, `offset 1h`, `for: 2m`, `group_wait: 30s`.
 */
export function spedUp(text: string, factor: number): string {
  const shorter = (duration: string): string => `${Math.round(milliseconds(duration) / factor)}ms`;
  return text
    .replaceAll(/\[(\d+[smhd])(?::(\d+[smhd]))?\]/g, (_, range: string, step: string | undefined) =>
      step === undefined ? `[${shorter(range)}]` : `[${shorter(range)}:${shorter(step)}]`,
    )
    .replaceAll(/offset (\d+[smhd])/g, (_, duration: string) => `offset ${shorter(duration)}`)
    .replaceAll(
      /\b(for|keep_firing_for|group_wait|group_interval|repeat_interval|scrape_interval|evaluation_interval): (\d+[smhd])/g,
      (_, key: string, duration: string) => `${key}: ${shorter(duration)}`,
    );
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(duration: string): number {
  return Number(duration.slice(0, -1)) * (UNITS[duration.slice(-1)] ?? 0);
}
