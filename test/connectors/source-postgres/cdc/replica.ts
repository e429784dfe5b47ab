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
  /** The row that was deleted last, if the record before did so, and at which place in the log. */
  #deleted: { readonly lsn: number; readonly row: JsonObject } | undefined;

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
      const kept = this.#rows.get(key);
      if (deleted !== null) {
        this.#rows.delete(key);
        this.#deleted = kept && { lsn: lsn as number, row: kept };
        continue;
      }
      const former = this.#deleted?.lsn === lsn ? this.#deleted?.row : undefined;
      this.#deleted = undefined;
      this.#rows.set(key, { ...keptOf(key, kept ?? former, meta?.unchanged), ...row });
    }
  }

  /** In the order of the key's text. */
  get rows(): JsonObject[] {
    const keyOf = (row: JsonObject) => this.#key.map((name) => JSON.stringify(row[name])).join();
    return [...this.#rows.values()].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  }
}

function keptOf(
  key: string,
  kept: JsonObject | undefined,
  names: readonly string[] = [],
): JsonObject {
  if (names.length > 0 && kept === undefined) throw new Error(`nothing is kept of ${key}`);
  return Object.fromEntries(names.map((name) => [name, kept![name] ?? null]));
}
