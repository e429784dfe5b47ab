import type { Failure } from "../../../protocol/errors.ts";
import type { Misfit } from "../encode/field-writer.ts";
import { mendDocument } from "./mend-document.ts";
import type { RepairableLoad } from "./repairable-load.ts";

/** A row without some of the values in `fields`, which is noted. Throws `failure` when that cannot be done. */
export function nullify(
  load: RepairableLoad,
  fields: (Buffer | null)[],
  columns: readonly number[],
  code: string,
  failure: Failure,
): Buffer {
  const { format, metaColumn } = load;
  if (columns.length === 0) throw failure;
  const reason: Misfit =
    code.startsWith("54") || code === "22001" || code === "22003"
      ? "DESTINATION_FIELD_SIZE_LIMITATION"
      : "DESTINATION_TYPECAST_ERROR";
  const changes: FieldChange[] = [];
  for (const column of columns) {
    if (!mayBeNull(load, fields, column)) throw failure;
    const loss = load.lossOf?.(column);
    if (loss !== undefined) throw loss;
    const field = load.fieldOf(column);
    if (load.isDocument === true) {
      const mended = mendDocument(format.jsonbText(fields[column]!), code);
      if (mended !== undefined) {
        for (const name of mended.dropped) load.onRepair(`${field}.${name}`, reason);
        fields[column] = format.jsonbField(mended.text);
        continue;
      }
    }
    fields[column] = null;
    changes.push({ field, change: "NULLED", reason });
    load.onRepair(field, reason);
  }
  if (metaColumn !== -1 && changes.length > 0) {
    const meta = fields[metaColumn] ?? undefined;
    const said = (meta ? JSON.parse(format.jsonbText(meta)) : {}) as SaidOfRow;
    const former = said.changes ?? [];
    // What we cut of a value does not matter when all of it goes.
    const kept = former.filter(
      (one) => isOfSource(one) || !changes.some(({ field }) => field === one.field),
    );
    const all = { ...said, changes: [...kept, ...changes] };
    fields[metaColumn] = format.jsonbField(JSON.stringify(all));
  }
  return format.rowOf(fields);
}

function mayBeNull(
  { dataColumns: { from, to } }: RepairableLoad,
  fields: readonly (Buffer | null)[],
  column: number,
): boolean {
  return column >= from && column < to && fields[column] !== null;
}

/** An entry of `_airbyte_meta.changes`; those of a source may have other members, too. */
interface FieldChange {
  readonly field: string;
  readonly change: string;
  readonly reason: string;
}

/** What is in an `_airbyte_meta`. */
interface SaidOfRow {
  readonly changes?: readonly FieldChange[];
}

function isOfSource({ reason }: FieldChange): boolean {
  return !reason.startsWith("DESTINATION_");
}
