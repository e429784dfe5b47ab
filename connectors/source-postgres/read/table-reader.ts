import { streamLabel } from "../../../protocol/catalog.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { RecordPrinter } from "../../kit/source/record-printer.ts";
import type { StreamEstimate } from "../../kit/source/stream-output.ts";
import type { StreamReader } from "../../kit/source/stream-reader.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import type { Session } from "../../postgres/session.ts";
import type { UpdateMethod } from "../catalog/discover.ts";
import { changedTypes, type ReadPlan } from "../catalog/read-plan.ts";
import { estimatedSize } from "../catalog/relation.ts";
import { readPosition } from "../position/stream-position.ts";
import { type ReadSettings, OpenTable } from "../position/open-table.ts";
import { type RowOptions, RowPrinter } from "../rows/row-printer.ts";
import { fullRefresh } from "./full-refresh.ts";
import { readIncrement } from "./incremental.ts";

/**
 * The place to which a transaction goes back when a stream fails: before the first one, since reading
 * changes nothing.
 */
export const SET_BACK = "savepoint streams";
export const GO_BACK = "rollback to streams";

/** How the tables of one read are read. */
export interface TableReaderSettings extends ReadSettings {
  readonly method: UpdateMethod;
  readonly rows: RowOptions;
  readonly checkpointSeconds: number;
}

/** Reads one stream's table within the open transaction, and leaves that usable when it fails. */
export class TableReader implements StreamReader {
  readonly estimate: StreamEstimate | undefined;
  readonly #session: Session;
  readonly #plan: ReadPlan;
  readonly #settings: TableReaderSettings;

  constructor(session: Session, plan: ReadPlan, settings: TableReaderSettings) {
    this.#session = session;
    this.#plan = plan;
    this.#settings = settings;
    this.estimate = estimatedSize(plan.relation);
  }

  read(blob: Buffer | undefined, printer: RecordPrinter): Promise<JsonObject> {
    return forStream(this.#plan.descriptor, () => this.#read(blob, printer));
  }

  async #read(blob: Buffer | undefined, printer: RecordPrinter): Promise<JsonObject> {
    const { method, checkpointSeconds } = this.#settings;
    const table = new OpenTable(this.#session, this.#plan, this.#settings);
    const rows = new RowPrinter(this.#session, this.#plan, printer, this.#settings.rows);
    const changed = changedTypes(this.#plan);
    if (changed.length > 0)
      table.log(
        "WARN",
        `not of the type in the configured catalog: ${changed.join(", ")}; a value that does not fit there is NULL in the destination (run discover again to take the types over)`,
      );
    const position = readPosition(blob);
    const state =
      this.#plan.configured.sync_mode === "incremental"
        ? await readIncrement(table, rows, position, method)
        : await fullRefresh(table, rows, position, checkpointSeconds);
    return state;
  }

  /** When this fails too the connection is gone, and so are the streams that were to follow. */
  recover(): Promise<void> {
    const action = `read ${streamLabel(this.#plan.descriptor)}`;
    return this.#session.run(action, GO_BACK);
  }
}
