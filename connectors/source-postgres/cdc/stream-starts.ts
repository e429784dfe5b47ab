import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { StreamPart, TablePosition, UnfinishedLoad } from "./cdc-state.ts";
import type { LogTable } from "./log-table.ts";

/** How a stream begins. */
export type StreamStart =
  /** Its first load is finished. */
  | { readonly is: "followed"; readonly position: TablePosition }
  /** Its first load goes on where it was interrupted. */
  | {
      readonly is: "interrupted";
      readonly position: TablePosition & { readonly load: UnfinishedLoad };
    }
  /** Its first load begins again, beside the changes since it began. */
  | { readonly is: "repeated"; readonly position: TablePosition; readonly why: string }
  /** It is new. */
  | { readonly is: "new"; readonly replaces: false }
  /** It begins anew, in place of rows of which nobody knows any more. */
  | { readonly is: "new"; readonly replaces: true; readonly why: string };

/**
 * How a stream begins, from what its state says and the table there is now.
 *
 * @param lsn up to where the log was delivered.
 * @param filenode the file that the table is stored in.
 * @param entry what makes the table one of the publication's.
 * @param gap why changes that were made meanwhile are not in the log, of any table.
 * @param isAnew the position in the log is lost, so that all streams begin anew.
 */
export function startOf(
  part: StreamPart,
  table: LogTable,
  filenode: number | undefined,
  {
    lsn,
    isAnew,
    entry,
    gap,
  }: {
    readonly lsn: Lsn | undefined;
    readonly isAnew: boolean;
    readonly entry?: string | undefined;
    readonly gap?: string | undefined;
  },
): StreamStart {
  if (part === "unread") return { is: "new", replaces: false };
  if (part === "read otherwise")
    return { is: "new", replaces: true, why: "it was not followed before, but read" };
  if (isAnew || lsn === undefined)
    return { is: "new", replaces: true, why: "the log was not read without a gap" };
  if (part === "loaded by another source") {
    const { columns } = table;
    return { is: "followed", position: { tableOid: table.oid, from: lsn, columns, entry } };
  }
  if (part.tableOid !== table.oid)
    return { is: "new", replaces: true, why: "the table was dropped and created again" };
  if (part.isMissing)
    return {
      is: "new",
      replaces: true,
      why: "changes were made while the log did not have the table",
    };
  if (gap !== undefined) return { is: "new", replaces: true, why: gap };
  if (part.entry !== undefined && !haveOneInCommon(part.entry, entry))
    return {
      is: "new",
      replaces: true,
      why: "the table was taken out of the publication and put back, and changes in between are not in the log",
    };
  const { load } = part;
  const position = { ...part, entry };
  if (load === undefined) return { is: "followed", position };
  if (load.filenode !== filenode)
    return { is: "repeated", position, why: "the table was rewritten in the meantime" };
  return { is: "interrupted", position: { ...position, load } };
}

/** Whether something made a table one of the publication's all the time. */
function haveOneInCommon(then: string, now: string | undefined): boolean {
  const entries = now?.split(",") ?? [];
  return then.split(",").some((entry) => entries.includes(entry));
}
