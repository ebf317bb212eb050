const MAX_DEPTH = 32;
/** The most values that are looked at in one tree. */
export const MAX_NODES = 100_000;

/**
 * Keeps the way through one tree of values finite: in depth, in breadth, and where it leads back to where it
 * came from.
 */
export class Walk {
  readonly #ancestors: object[] = [];
  #left = MAX_NODES;

  /** Counts a value; false where there were too many. */
  count(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** Goes into an object; false where it is within itself or too deep, and must not be gone into. */
  enter(node: object): boolean {
    if (this.#ancestors.length > MAX_DEPTH || this.#ancestors.includes(node)) return false;
    this.#ancestors.push(node);
    return true;
  }

  /** Comes back from the object that was entered last. */
  leave(): void {
    this.#ancestors.pop();
  }
}
