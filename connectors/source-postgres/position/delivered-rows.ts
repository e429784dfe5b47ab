import { isObject, type Json, type JsonObject } from "../../../protocol/json.ts";
import { complement, type IdRange } from "./id-ranges.ts";

/** Which rows a read can have delivered, by the ids of the transactions that wrote them. */
export interface DeliveredRows {
  /** 64-bit id; every transaction before it had ended when the rows were read. */
  readonly xmin: bigint;
  /** The rows of this 64-bit id and later ones were not visible. */
  readonly xmax: bigint;
  /** The first id that was not given out yet; undefined where nobody looked. */
  readonly next: bigint | undefined;
  /** Ids from `xmin` on whose rows were delivered, in order. */
  readonly delivered: readonly IdRange[];
  /** Which table that was: transaction ids mean nothing elsewhere. Undefined in other sources' states. */
  readonly table: TableIdentity | undefined;
  /** Which file the rows were stored in. */
  readonly filenode: number | undefined;
  /** A row written late among them, by which their history is told from another. */
  readonly witness?: Witness | undefined;
}

/** One row: its place, its transaction and a digest of what it says. */
export interface Witness {
  readonly ctid: string;
  readonly id: bigint;
  readonly digest: string;
}

/** A table of a certain database. */
export interface TableIdentity {
  readonly systemIdentifier: string;
  /** Undefined where the server did not tell, and in older states. */
  readonly timeline: string | undefined;
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
    timeline: rows.table.timeline ?? null,
    database_oid: rows.table.databaseOid,
    table_oid: rows.table.tableOid,
    filenode: rows.filenode ?? null,
    ...(rows.witness && { witness: { ...rows.witness, id: String(rows.witness.id) } }),
  };
}

/** Reads what `printDeliveredRows` wrote; undefined for anything else. */
export function readDeliveredRows(snapshot: JsonObject): DeliveredRows | undefined {
  const { xmin, xmax, next, delivered, filenode } = snapshot;
  const ranges = Array.isArray(delivered) ? delivered.map(String) : [];
  if (!isId(xmin) || !isId(xmax) || !ranges.every((range) => ID_OR_RANGE.test(range)))
    return undefined;
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    next: isId(next) ? BigInt(next) : undefined,
    delivered: ranges.map((range) => {
      const [first, last] = range.split("-") as [string, string | undefined];
      return [BigInt(first), BigInt(last ?? first)] as const;
    }),
    table: {
      systemIdentifier: textOf(snapshot["system_identifier"]),
      timeline: textOf(snapshot["timeline"]) || undefined,
      databaseOid: textOf(snapshot["database_oid"]),
      tableOid: Number(snapshot["table_oid"]),
    },
    filenode: typeof filenode === "number" ? filenode : undefined,
    witness: readWitness(snapshot["witness"]),
  };
}

function readWitness(witness: Json | undefined): Witness | undefined {
  if (!isObject(witness)) return undefined;
  const { ctid, id, digest } = witness;
  const isOne = isId(id) && typeof digest === "string" && /^\(\d+,\d+\)$/.test(textOf(ctid));
  return isOne ? { ctid: textOf(ctid), id: BigInt(id), digest } : undefined;
}

/** Ids below `xmax` whose rows a read did not deliver: its transactions had not ended, or wrote none. */
export function notDeliveredIds({ xmin, xmax, delivered }: DeliveredRows): IdRange[] {
  return complement(delivered, [xmin, xmax - 1n]);
}

const ID_OR_RANGE = /^\d+(-\d+)?$/;
const isId = (value: unknown): value is string => typeof value === "string" && /^\d+$/.test(value);
const textOf = (value: unknown) => (typeof value === "string" ? value : "");
