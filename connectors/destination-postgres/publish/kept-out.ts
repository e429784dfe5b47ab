import { Failure } from "../../../protocol/errors.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Dependents } from "./dependents.ts";

/** Names in a message at most. */
const SHOWN = 3;

/** What became of rows that were given to a table. */
export interface Miscount {
  /** A clause that says it in numbers: "it took 3 of 5 rows". */
  readonly what: string;
  /** Where rows were told by a key: its columns. Two rows with one are one. */
  readonly keyColumns?: readonly string[] | undefined;
}

/**
 * The failure to throw when a table does not have the rows that were sent to it: what of its user's may
 * have kept them out. Where there is no such thing it is a bug of ours.
 */
export function keptOut(
  table: Table,
  { triggers, rules }: Dependents,
  { what, keyColumns }: Miscount,
): Failure {
  const suspects = [
    ...listed("trigger", triggers),
    ...listed("rule", rules),
    ...(keyColumns ? [`two rows with the same ${keyColumns.join(", ")}`] : []),
  ];
  if (suspects.length === 0)
    return new Failure("internal.bug", `${label(table)} does not have what was sent: ${what}`);
  return new Failure(
    "postgres.constraint",
    `${label(table)} does not have what was sent: ${what}; that is because of ${suspects.join(", or ")}`,
    {
      hint: "drop or disable what changes the number of rows, or give the stream a prefix so that it has a table of its own",
    },
  );
}

function listed(what: string, all: readonly { readonly name: string }[]): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, SHOWN).map(({ name }) => name);
  return [`the ${what} ${shown.join(", ")}${all.length > SHOWN ? ", …" : ""}`];
}
