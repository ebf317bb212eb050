/** Rows by two texts, and in the order in which they came: two look-ups, and no text to put together for them. */
export class SeriesTable<Row> {
  #rows: Row[] = [];
  readonly #byKey = new Map<string, Map<string, Row>>();

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get(key: string, name: string): Row | undefined {
    return this.#byKey.get(key)?.get(name);
  }

  /** Adds a row, where there is none of these texts yet. */
  add(key: string, name: string, row: Row): Row {
    let named = this.#byKey.get(key);
    if (!named) this.#byKey.set(key, (named = new Map()));
    named.set(name, row);
    this.#rows.push(row);
    return row;
  }

  /** Drops the rows that `isOver` says. Looks at all of them. */
  drop(isOver: (row: Row) => boolean): void {
    const over = new Set(this.#rows.filter(isOver));
    if (over.size === 0) return;
    this.#rows = this.#rows.filter((row) => !over.has(row));
    for (const [key, named] of this.#byKey) {
      for (const [name, row] of named) if (over.has(row)) named.delete(name);
      if (named.size === 0) this.#byKey.delete(key);
    }
  }
}
