import type { JsonObject } from "../../../protocol/json.ts";
import { hasRowVersions } from "../catalog/relation.ts";
import { idToRemember, rowId, writtenFrom } from "./row-versions.ts";
import { type DeliveredRows, printDeliveredRows, type Witness } from "./delivered-rows.ts";
import { rangesOf, within } from "./id-ranges.ts";
import type { OpenTable } from "./open-table.ts";

/** Most transaction ids a state remembers. */
const MAX_REMEMBERED_IDS = 10_000;

const BACKSLASH = 0x5c;

/**
 * The transactions whose rows one read delivers, as far as its snapshot alone does not tell: those
 * from its xmin on, which exist only where writers were running.
 */
export class DeliveredIds {
  /** What a copy has to carry for `remember`, as its first hidden columns; empty for nothing. */
  readonly hidden: readonly string[];

  readonly #table: OpenTable;
  readonly #ids = new Set<bigint>();
  /** The text of the last id, which most rows share with the row before. */
  #lastText = Buffer.alloc(0);
  /** Rows written by this transaction or a later one are left to the next read. */
  #leaveFrom: bigint | undefined;

  constructor(table: OpenTable) {
    this.#table = table;
    const { snapshot } = table.settings;
    const isNeeded = hasRowVersions(table.plan.relation) && snapshot.xmin < snapshot.xmax;
    this.hidden = isNeeded ? [idToRemember(snapshot)] : [];
  }

  /** Whether writers were running, so that the snapshot alone does not tell which rows are late. */
  get isNeeded(): boolean {
    return this.hidden.length > 0;
  }

  /** Whether a state can hold the ids so far. */
  get isBounded(): boolean {
    return this.#ids.size <= MAX_REMEMBERED_IDS;
  }

  /**
   * Leaves rows to the next read, with a warning: those, among the ones `where` selects, from the
   * transaction on that would be one too many to remember.
   */
  async leaveTooMany(where: string | undefined): Promise<void> {
    const { xmin, xmax } = this.#table.settings.snapshot;
    if (!this.isNeeded || xmax - xmin <= BigInt(MAX_REMEMBERED_IDS)) return;
    const id = rowId(this.#table.settings.snapshot);
    const condition = where === undefined ? "" : ` and (${where})`;
    const [row] = await this.#table.ask(
      `select distinct ${id} as id from ${this.#table.quotedName} where ${writtenFrom(xmin)}${condition} order by 1 offset ${MAX_REMEMBERED_IDS} limit 1`,
    );
    if (row === undefined) return;
    this.#leaveFrom = BigInt(row["id"]!);
    this.#table.log(
      "WARN",
      `a transaction has been running since ${xmax - xmin} transactions; the newest rows are left to the next read`,
    );
  }

  /** `where` without the rows that are left to the next read; undefined for all rows. */
  within(where: string | undefined): string | undefined {
    if (this.#leaveFrom === undefined) return where;
    const limit = `not ${writtenFrom(this.#leaveFrom)}`;
    return where === undefined ? limit : `(${where}) and ${limit}`;
  }

  /** Takes note of one row of a copy; `hidden` as the encoder leaves it. */
  remember(bytes: Buffer, hidden: Int32Array): void {
    const start = hidden[0]!;
    // `\N`: the row is older than every running transaction.
    if (bytes[start] === BACKSLASH || !this.isBounded) return;
    const end = hidden[1]!;
    const last = this.#lastText;
    if (last.length === end - start && bytes.compare(last, 0, last.length, start, end) === 0)
      return;
    this.#lastText = Buffer.from(bytes.subarray(start, end));
    this.#ids.add(BigInt(bytes.toString("latin1", start, end)));
  }

  /** Takes all visible rows for delivered: another source's state says nothing of ids. */
  async rememberVisible(): Promise<void> {
    if (!this.isNeeded) return;
    const { snapshot } = this.#table.settings;
    const where = this.within(writtenFrom(snapshot.xmin));
    for (const { id } of await this.#table.ask(
      `select distinct ${rowId(snapshot)} as id from ${this.#table.quotedName} where ${where}`,
    ))
      this.#ids.add(BigInt(id!));
  }

  /** For a state in the middle: what is delivered now, by this read so far and by the one before. */
  printSoFar(before: DeliveredRows | undefined): JsonObject {
    return this.#print(before?.delivered ?? []);
  }

  /**
   * For a state at the end of a read of everything that the one before had not delivered. What had
   * ended of it is delivered then, rows of this table or none: ranges of such ids keep the state from
   * growing from read to read while one transaction stays open.
   */
  printAll(before: DeliveredRows | undefined, witness: Witness | undefined): JsonObject {
    if (before === undefined) return this.#print([], witness);
    const limit =
      this.#leaveFrom !== undefined && this.#leaveFrom < before.xmax
        ? this.#leaveFrom
        : before.xmax;
    const { ended, xmin } = this.#table.settings.snapshot;
    return this.#print([...before.delivered, ...within(ended, [xmin, limit - 1n])], witness);
  }

  #print(ranges: DeliveredRows["delivered"], witness?: Witness): JsonObject {
    const { snapshot } = this.#table.settings;
    const { durable, next, systemIdentifier, timeline, databaseOid } = snapshot;
    const { relation } = this.#table.plan;
    const xmin = snapshot.xmin < durable ? snapshot.xmin : durable;
    return printDeliveredRows({
      xmin,
      xmax: durable,
      next: snapshot.xmin === next ? xmin : next,
      delivered: rangesOf(this.#ids, ranges, xmin),
      table: { systemIdentifier, timeline, databaseOid, tableOid: relation.oid },
      filenode: relation.filenode,
      witness,
    });
  }
}
