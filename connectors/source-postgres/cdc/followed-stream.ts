import type { StreamOutput } from "../../kit/source/stream-output.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import type { PostgresType } from "../../postgres/types/column-type.ts";
import { printTablePosition, type TableColumn, type TablePosition } from "./cdc-state.ts";
import type { PrintedStream } from "./change-printer.ts";
import { LogRowEncoder } from "./pgoutput/log-row-encoder.ts";
import type { LogTable } from "./log-table.ts";
import { chosenKeyOf } from "./chosen-key.ts";
import type { LogRelation } from "./pgoutput/pgoutput.ts";
import { type Shape, shapeOf } from "./shape.ts";

/** A stream whose table's changes are read from the log. */
export class FollowedStream implements PrintedStream {
  readonly plan: ReadPlan;
  readonly table: LogTable;
  readonly output: StreamOutput;
  #position: TablePosition;

  constructor(plan: ReadPlan, table: LogTable, output: StreamOutput, position: TablePosition) {
    this.plan = plan;
    this.table = table;
    this.output = output;
    this.#position = position;
  }

  get descriptor(): StreamDescriptor {
    return this.plan.descriptor;
  }

  get position(): TablePosition {
    return this.#position;
  }

  /** What a state says of it. */
  get blob(): JsonObject {
    return printTablePosition(this.plan.relation, this.#position);
  }

  /** What was committed before it came with the first load. */
  get from(): Lsn {
    return this.#position.from;
  }

  /** How rows of the log are to be understood as the table's. */
  shapeOf(relation: LogRelation): Shape {
    return shapeOf(relation.columns, this.table.columns, this.#position.columns);
  }

  /** Says how the log has the table now. */
  hasShape(columns: readonly TableColumn[]): boolean {
    if (JSON.stringify(columns) === JSON.stringify(this.#position.columns)) return false;
    this.#position = { ...this.#position, columns };
    return true;
  }
}

const TEXT: PostgresType = { schema: "pg_catalog", name: "text", format: "text", kind: "base" };

/** How the rows that the log has of one relation, in one shape, become records of a stream. */
export class ChangeRows {
  readonly stream: FollowedStream;
  readonly relation: LogRelation;
  readonly encoder: LogRowEncoder;
  /** The key: where it lies in rows of the log, and what the table calls it now. */
  readonly key: readonly KeyColumn[];
  /** The properties and their places in rows of the log; -1 for none. */
  readonly columns: readonly { readonly name: string; readonly index: number }[];
  /** Properties that rows of this shape do not have, although the table does. */
  readonly lacking: readonly string[];
  /** Properties that the server computes, which no row of the log has. */
  readonly computed: readonly string[];

  constructor(stream: FollowedStream, relation: LogRelation, shape: Shape) {
    const { places } = shape;
    this.stream = stream;
    this.relation = relation;
    const numbers = new Map(stream.table.columns.map(({ name, number }) => [name, number]));
    const placeOf = (name: string) => places.get(numbers.get(name) ?? 0);
    const columns = stream.plan.columns.map(({ name, type }) => {
      const place = placeOf(name);
      // The text of another type is no token of this one.
      return { name, type: place?.isOtherType ? TEXT : type, index: place?.index ?? -1 };
    });
    this.encoder = new LogRowEncoder(columns);
    this.columns = columns;
    const absent = columns.flatMap(({ name, index }) => (index < 0 ? [name] : []));
    this.computed = absent.filter((name) => stream.table.generated.has(name));
    this.lacking = absent.filter((name) => !stream.table.generated.has(name));
    this.key = keyOf(stream, relation, shape);
  }
}

/** A column by which rows are told apart. */
export interface KeyColumn {
  readonly index: number;
  /** Undefined where the table has no such column any more. */
  readonly name: string | undefined;
}

function keyOf(
  { plan, table }: FollowedStream,
  relation: LogRelation,
  { places }: Shape,
): KeyColumn[] {
  const names = new Map<number, string>();
  for (const { number, name } of table.columns) {
    const place = places.get(number);
    if (place !== undefined) names.set(place.index, name);
  }
  if (relation.identity !== "full")
    return relation.columns.flatMap(({ isKey }, index) =>
      isKey ? [{ index, name: names.get(index) }] : [],
    );
  // The old row has them all: also those of a key that somebody chose.
  const wanted = new Set([...table.key, ...chosenKeyOf(plan.configured)]);
  const key = [...names].filter(([, name]) => wanted.has(name));
  return key.length === wanted.size ? key.map(([index, name]) => ({ index, name })) : [];
}
