/** Shared by every copy of this package: an attempt that one of them records is no stranger to another. */
const COUNT = Symbol.for('opentelemetry-instrumentation-anthropic.attempts-in-flight');

const holder = globalThis as { [COUNT]?: number };

/** How many attempts that are recorded wait for their response at this moment. */
export const attemptsInFlight = {
  get count(): number {
    return holder[COUNT] ?? 0;
  },

  add(): void {
    holder[COUNT] = this.count + 1;
  },

  delete(): void {
    holder[COUNT] = this.count - 1;
  },
};
