import type { JsonObject } from "../../../../protocol/json.ts";
import type { Reading } from "./change-source.ts";

/**
 * A table as a simple-minded destination keeps it: by key, the last record of each wins. Throws where the
 * records do not come in an order that a destination could rely on.
 */
export class Replica {
  readonly #key: readonly string[];
  readonly #rows = new Map<string, JsonObject>();
  readonly #lsns = new Map<string, number>();

  constructor(...key: string[]) {
    this.#key = key;
  }

  take(records: ReturnType<Reading["records"]>): void {
    for (const { data, meta } of records) {
      const { _ab_cdc_lsn: lsn, _ab_cdc_updated_at: _, _ab_cdc_deleted_at: deleted, ...row } = data;
      if (meta?.operation === "truncate") {
        this.#rows.clear();
        continue;
      }
      const key = JSON.stringify(this.#key.map((name) => row[name] ?? null));
      if ((this.#lsns.get(key) ?? 0) > (lsn as number)) throw new Error(`${key} goes back`);
      this.#lsns.set(key, lsn as number);
      if (deleted !== null) this.#rows.delete(key);
      else this.#rows.set(key, { ...this.#keptOf(key, meta?.unchanged), ...row });
    }
  }

  /** In the order of the key's text. */
  get rows(): JsonObject[] {
    const keyOf = (row: JsonObject) => this.#key.map((name) => JSON.stringify(row[name])).join();
    return [...this.#rows.values()].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  }

  #keptOf(key: string, names: readonly string[] = []): JsonObject {
    const kept = this.#rows.get(key);
    if (names.length > 0 && kept === undefined) throw new Error(`nothing is kept of ${key}`);
    return Object.fromEntries(names.map((name) => [name, kept![name] ?? null]));
  }
}
