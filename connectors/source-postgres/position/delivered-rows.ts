import type { JsonObject } from "../../../protocol/json.ts";

/** Which rows a read can have delivered, by the ids of the transactions that wrote them. */
export interface DeliveredRows {
  /** 64-bit id; every transaction before it had ended when the rows were read. */
  readonly xmin: bigint;
  /** The rows of this 64-bit id and later ones were not visible. */
  readonly xmax: bigint;
  /** The first id that was not given out yet; undefined where nobody looked. */
  readonly next: bigint | undefined;
  /** Ids from `xmin` on whose rows were delivered, as inclusive ranges in order. */
  readonly delivered: readonly (readonly [bigint, bigint])[];
  /** Which table that was: transaction ids mean nothing elsewhere. Undefined in other sources' states. */
  readonly table: TableIdentity | undefined;
  /** Which file the rows were stored in. */
  readonly filenode: number | undefined;
}

/** A table of a certain database. */
export interface TableIdentity {
  readonly systemIdentifier: string;
  readonly databaseOid: string;
  readonly tableOid: number;
}

/** `DeliveredRows` as JSON; ids are strings because they outgrow JavaScript's numbers. */
export function printDeliveredRows(
  rows: DeliveredRows & { readonly table: TableIdentity },
): JsonObject {
  return {
    xmin: String(rows.xmin),
    xmax: String(rows.xmax),
    next: rows.next === undefined ? null : String(rows.next),
    delivered: rows.delivered.map(([first, last]) =>
      first === last ? String(first) : `${first}-${last}`,
    ),
    system_identifier: rows.table.systemIdentifier,
    database_oid: rows.table.databaseOid,
    table_oid: rows.table.tableOid,
    filenode: rows.filenode ?? null,
  };
}

/** Joins ids and ranges into ranges in order, leaving out what is below `from`. */
export function rangesOf(
  ids: Iterable<bigint>,
  ranges: readonly (readonly [bigint, bigint])[],
  from: bigint,
): (readonly [bigint, bigint])[] {
  const all = [...ranges, ...[...ids].map((id) => [id, id] as const)]
    .filter(([, last]) => last >= from)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  const joined: [bigint, bigint][] = [];
  for (const [first, last] of all) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1n) {
      if (last > previous[1]) previous[1] = last;
    } else joined.push([first, last]);
  }
  return joined;
}

/** Reads what `printDeliveredRows` wrote; undefined for anything else. */
export function readDeliveredRows(snapshot: JsonObject): DeliveredRows | undefined {
  const { xmin, xmax, next, delivered, filenode } = snapshot;
  if (typeof xmin !== "string" || typeof xmax !== "string") return undefined;
  const ranges = Array.isArray(delivered) ? delivered.map(String) : [];
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    next: typeof next === "string" ? BigInt(next) : undefined,
    delivered: ranges.map((range) => {
      const [first, last] = range.split("-") as [string, string | undefined];
      return [BigInt(first), BigInt(last ?? first)] as const;
    }),
    table: {
      systemIdentifier: textOf(snapshot["system_identifier"]),
      databaseOid: textOf(snapshot["database_oid"]),
      tableOid: Number(snapshot["table_oid"]),
    },
    filenode: typeof filenode === "number" ? filenode : undefined,
  };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");
