/**
 * What was made once for each key. It holds so many values at the most and then begins anew: what filled it may
 * never come again. Where a value has several keys, memos in a memo are cheaper than a key put together from them,
 * whose text would be made and hashed each time.
 */
export class Memo<Key, Value extends object | string | null> {
  readonly #values = new Map<Key, Value>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  /** Keeps `value` under `key`, and gives it back. */
  add(key: Key, value: Value): Value {
    if (this.#values.size >= this.#max) this.#values.clear();
    this.#values.set(key, value);
    return value;
  }
}
