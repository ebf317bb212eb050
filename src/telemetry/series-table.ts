/** Rows by two texts, and in the order in which they came: two look-ups, and no text to put together for them. */
export class SeriesTable<Row> {
  readonly rows: Row[] = [];
  readonly #byKey = new Map<string, Map<string, Row>>();

  get(key: string, name: string): Row | undefined {
    return this.#byKey.get(key)?.get(name);
  }

  /** Adds a row, where there is none of these texts yet. */
  add(key: string, name: string, row: Row): Row {
    let named = this.#byKey.get(key);
    if (!named) this.#byKey.set(key, (named = new Map()));
    named.set(name, row);
    this.rows.push(row);
    return row;
  }
}
