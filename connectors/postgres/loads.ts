import type { Client } from "pg";
import type { Failure } from "../../protocol/errors.ts";
import { copyIn, type CopyInFormat, type CopyInUnderWay } from "./copy-in.ts";
import { takeBack } from "./savepoint.ts";
import { label, quoteName, quoteTable, type Table } from "./sql.ts";
import { oneByOne } from "./together.ts";
import type { Turns } from "./turns.ts";

/** Rows for a table. */
export interface CopyLoad {
  readonly table: Table;
  /** Of the rows, in their order. */
  readonly columns: readonly string[];
  readonly format: CopyInFormat;
  /** In pieces that may end inside a row. */
  readonly rows: readonly Buffer[];
}

/** The statement that takes the rows. */
export function copyStatement({ table, columns, format }: Omit<CopyLoad, "rows">): string {
  const list = columns.map(quoteName).join(", ");
  return `copy ${quoteTable(table)} (${list}) from stdin${format.options}`;
}

/** What came of several loads. */
export interface CopyOutcome {
  /** The rows that the server took, of each load up to the first that it refused. */
  readonly taken: readonly number[];
  readonly refused?: Failure;
}

/** Loads rows over one connection, each load behind a savepoint of the open transaction. */
export class Loads {
  readonly #client: Client;
  readonly #turns: Turns;
  /**
   * Whether rows of a COPY are sent without waiting for the server to ask for them. Only where nothing
   * but the server itself answers: what stands in between may not know that a server ignores them.
   */
  sendsAhead = false;

  /** @param turns those of the client. */
  constructor(client: Client, turns: Turns) {
    this.#client = client;
    this.#turns = turns;
  }

  /**
   * Loads rows, inside the open transaction, which stays as it was when the server refuses them. The
   * bytes must not change until the promise settles.
   *
   * @returns the number of rows the server took.
   */
  copy(
    table: Table,
    columns: readonly string[],
    format: CopyInFormat,
    rows: Buffer,
  ): Promise<number> {
    const load = async () => {
      try {
        return await this.#copy({ table, columns, format, rows: [rows] }).taken;
      } catch (error) {
        await takeBack(this.#client, "load");
        throw error;
      }
    };
    return this.#turns.next(`load rows into ${label(table)}`, load, { isAwaited: true });
  }

  /**
   * The same for several tables: in one turn, and behind what was sent before, where `sendsAhead`. What
   * comes before the first load that the server refuses stays; what comes behind was not tried. After a
   * refusal nothing else is done in the transaction before `takeBack`.
   *
   * @returns how many rows the server took of each load before that one, and why it refused that.
   */
  async copyAll(loads: readonly CopyLoad[]): Promise<CopyOutcome> {
    const copy = (load: CopyLoad) => this.#copyNext(load);
    const settled = this.sendsAhead
      ? await Promise.allSettled(loads.map(copy))
      : await oneByOne(loads.map((load) => () => copy(load)));
    const at = settled.findIndex(({ status }) => status === "rejected");
    const good = at === -1 ? settled : settled.slice(0, at);
    const taken = good.map((one) => (one as PromiseFulfilledResult<number>).value);
    if (at === -1) return { taken };
    return { taken, refused: (settled[at] as PromiseRejectedResult).reason as Failure };
  }

  /** Makes the transaction usable again in which the server refused a load of `copyAll`. */
  takeBack(): Promise<void> {
    return this.#turns.next("take rows back", () => takeBack(this.#client, "load"));
  }

  /** Statements may be sent behind it as soon as its rows are: they are behind these on the connection. */
  #copyNext(load: CopyLoad): Promise<number> {
    const action = `load rows into ${label(load.table)}`;
    if (!this.sendsAhead)
      return this.#turns.next(action, () => this.#copy(load).taken, { isAwaited: true });
    let isSent = () => {};
    const behind = new Promise<void>((resolve) => (isSent = resolve));
    const work = () => {
      const { sent, taken } = this.#copy(load);
      void sent.then(isSent);
      return taken;
    };
    return this.#turns.next(action, work, { behind });
  }

  #copy(load: CopyLoad): CopyInUnderWay {
    const { format, rows } = load;
    const statements = `savepoint load; ${copyStatement(load)}; release load`;
    return copyIn(this.#client, statements, format.header, rows, this.sendsAhead);
  }
}
