import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { GenerationPlan } from "../../kit/destination/generations.ts";
import type { Table } from "../../postgres/sql.ts";
import type { Column } from "./columns.ts";

/** What a table of a stream is for. */
export type TableKind = "raw" | "final" | "history";

/** What a stream is to become: pure, made from config and catalog alone, before any connection. */
export interface StreamPlan extends GenerationPlan {
  readonly stream: StreamDescriptor;
  /** `namespace.name`, for messages. */
  readonly label: string;
  /** Whether each sync reads everything, so that no later one goes on from a position. */
  readonly isFullRefresh: boolean;
  readonly columns: readonly Column[];
  /** Keys whose column has another name, for the log. */
  readonly renamed: readonly { key: string; name: string }[];
  /** First word of the names of the tables that stand in for those being replaced. */
  readonly standIn: "staging" | "rebuilt";
  /** Set for `append_dedup`. */
  readonly dedup: DedupPlan | undefined;
  /** Set for a stream whose records are the changes of a table, deletes included. */
  readonly changes: ChangesPlan | undefined;
  readonly raw: Table | undefined;
  readonly final: Table | undefined;
  readonly history: Table | undefined;
  /**
   * Tables that the stream would have under other settings and that this run does not keep up, each
   * with a column that tells such a table from any other.
   */
  readonly unkept: readonly {
    readonly kind: TableKind;
    readonly table: Table;
    readonly sign: string;
  }[];
  /** Name of the hash column; history tables always have it, final tables when `hashesFinal`. */
  readonly hashColumn: string;
  readonly hashesFinal: boolean;
}

/** What rows with a key are found by: the hash of the key, which is a text, or its value. */
export type FoundBy = "hash" | "value";

/** How versions of a row are told apart. Columns by name. */
export interface DedupPlan {
  readonly key: readonly Column[];
  /** Undefined: the newest is the one emitted last. */
  readonly cursor: Column | undefined;
  /** By value only for rows whose key is known to be a plain one, without NULL. */
  readonly foundBy: FoundBy;
  /** Name of the unique index on the final table. */
  readonly index: string;
  /** Name of the index on the history table. */
  readonly historyIndex: string;
}

/** What becomes of the rows of a table whose changes a stream has. */
export interface ChangesPlan {
  /** Has the time of its deletion in a record that is one. */
  readonly deletedAt: Column;
  /** The columns that tell of a change: those of a deleted row that are set while it keeps the others. */
  readonly marks: readonly Column[];
  /** Whether deleted rows stay, marked. */
  readonly keepsDeleted: boolean;
}

/**
 * The same stream, made anew from its raw table instead of from records: whatever its sync mode is,
 * the tables are replaced at the end. Its stand-ins are its own, so that those of an interrupted
 * sync stay as they are.
 */
export function rebuildPlan(plan: StreamPlan): StreamPlan {
  return {
    ...plan,
    raw: undefined,
    replaces: true,
    standIn: "rebuilt",
    generation: undefined,
    resumes: false,
  };
}

/** Every relation a sync of this stream creates, what it is for, and its schema and name. */
export function relationsOf(plan: StreamPlan): { what: string; table: Table }[] {
  const relations: { what: string; table: Table }[] = [];
  if (plan.raw) relations.push({ what: "raw table", table: plan.raw });
  if (plan.final) relations.push({ what: "table", table: plan.final });
  if (plan.history) relations.push({ what: "history table", table: plan.history });
  if (plan.dedup && plan.final)
    relations.push({
      what: "index",
      table: { schema: plan.final.schema, name: plan.dedup.index },
    });
  if (plan.dedup && plan.history)
    relations.push({
      what: "history index",
      table: { schema: plan.history.schema, name: plan.dedup.historyIndex },
    });
  return relations;
}
