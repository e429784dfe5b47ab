import { streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { label } from "../../postgres/sql.ts";
import { ChangeRows, type FollowedStream } from "./followed-stream.ts";
import type { LogTable } from "./log-table.ts";
import type { LogRelation } from "./pgoutput/pgoutput.ts";
import type { Shape } from "./shape.ts";

/** A followed table as the catalog has it at the moment, and by which name. */
export interface TableNow {
  readonly schema: string;
  readonly name: string;
  readonly table: LogTable;
}

/** Looks how tables are behind a transaction: the one of this oid, and the one of this name. */
export type LookAgain = (relation: LogRelation, xid: number) => Promise<readonly TableNow[]>;

/**
 * Tells whose rows the log has. A relation may come in a shape that nobody knew when the read began:
 * then it is in doubt, and nothing behind it can be understood, until it was looked up.
 */
export class LogRelations {
  readonly #byOid = new Map<number, FollowedStream>();
  readonly #byName = new Map<string, FollowedStream>();
  readonly #lookAgain: LookAgain;
  readonly #reshaped = new Set<FollowedStream>();
  readonly #rows = new Map<number, ChangeRows>();
  #doubt: { readonly relation: LogRelation; readonly stream: FollowedStream } | undefined;

  constructor(streams: readonly FollowedStream[], lookAgain: LookAgain) {
    this.#lookAgain = lookAgain;
    for (const stream of streams) {
      this.#byOid.set(stream.table.oid, stream);
      this.#byName.set(label(stream.plan.relation), stream);
    }
  }

  /** Whether a relation came that has to be looked up. */
  get isInDoubt(): boolean {
    return this.#doubt !== undefined;
  }

  /** How to read the rows of a relation; undefined where it is none of ours. */
  rowsOf(oid: number): ChangeRows | undefined {
    return this.#rows.get(oid);
  }

  /** Takes note of a relation as the log describes it. */
  described(relation: LogRelation): void {
    this.#rows.delete(relation.oid);
    const stream = this.#byOid.get(relation.oid);
    const namesake = this.#byName.get(label(relation));
    if (stream === undefined) {
      if (namesake !== undefined) this.#doubt = { relation, stream: namesake };
      return;
    }
    const shape = stream.shapeOf(relation);
    if (shape.isUnknown || stream !== namesake || !hasKeyOf(relation, stream.table)) {
      this.#doubt = { relation, stream };
      return;
    }
    this.#take(stream, relation, shape);
  }

  /** Streams whose tables came in another shape since this was asked last. */
  takeReshaped(): readonly FollowedStream[] {
    if (this.#reshaped.size === 0) return NONE;
    const streams = [...this.#reshaped];
    this.#reshaped.clear();
    return streams;
  }

  /**
   * Looks what the relation in doubt is. Throws `source.schema_changed` when the table is like that now:
   * whoever reads then knows what there is. Otherwise it was so once, and its rows are read as far as
   * they are of the table that is known.
   *
   * @param xid the transaction that it came in.
   */
  async resolve(xid: number): Promise<void> {
    const { relation, stream } = this.#doubt!;
    const found = await this.#lookAgain(relation, xid);
    const now = found.find(({ table }) => table.oid === relation.oid);
    const isLikeNow =
      now !== undefined &&
      label(now) === label(relation) &&
      isShapeOf(now.table, relation) &&
      hasKeyOf(relation, now.table);
    if (isLikeNow && isOther(now, stream)) throw changed(stream, relation);
    this.#doubt = undefined;
    if (this.#byOid.get(relation.oid) === stream)
      this.#take(stream, relation, stream.shapeOf(relation));
  }

  #take(stream: FollowedStream, relation: LogRelation, shape: Shape): void {
    this.#rows.set(relation.oid, new ChangeRows(stream, relation, shape));
    if (stream.hasShape(shape.columns)) this.#reshaped.add(stream);
  }
}

/** Whether the table is another one than the read began with. */
function isOther(now: TableNow, { plan, table }: FollowedStream): boolean {
  const isSame =
    now.table.oid === table.oid &&
    label(now) === label(plan.relation) &&
    JSON.stringify(now.table.columns) === JSON.stringify(table.columns) &&
    JSON.stringify(now.table.key) === JSON.stringify(table.key) &&
    now.table.isFull === table.isFull;
  return !isSame;
}

/** Whether the log has the table as it is, with all its columns or those that are published. */
function isShapeOf({ columns }: LogTable, relation: LogRelation): boolean {
  const types = new Map(columns.map(({ name, typeOid }) => [name, typeOid]));
  return relation.columns.every(({ name, typeOid }) => types.get(name) === typeOid);
}

const NONE: readonly FollowedStream[] = [];

/** Whether the log tells the rows of the table apart as the catalog says. */
function hasKeyOf({ columns, identity }: LogRelation, { key, isFull }: LogTable): boolean {
  if (isFull || identity === "full") return isFull && identity === "full";
  const names = columns.flatMap(({ name, isKey }) => (isKey ? [name] : []));
  return names.length === key.length && names.every((name) => key.includes(name));
}

function changed({ descriptor }: FollowedStream, relation: LogRelation): Failure {
  return new Failure(
    "source.schema_changed",
    `the table ${label(relation)} of the stream ${streamLabel(descriptor)} was changed: from here on, the log has it in another shape`,
    {
      hint: "discover again and read on from the last state",
      stream: { name: descriptor.name, namespace: descriptor.namespace ?? undefined },
    },
  );
}
