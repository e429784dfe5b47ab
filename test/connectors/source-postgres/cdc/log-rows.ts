import { type Session, withSession } from "../../../../connectors/postgres/session.ts";
import { describeDatabase } from "../../../../connectors/source-postgres/catalog/describe-database.ts";
import type { SourceRelation } from "../../../../connectors/source-postgres/catalog/relation.ts";
import {
  changeTime,
  LogRowEncoder,
} from "../../../../connectors/source-postgres/cdc/pgoutput/log-row-encoder.ts";
import {
  type LogHandler,
  type LogRelation,
  type LogTuple,
  PgoutputDecoder,
} from "../../../../connectors/source-postgres/cdc/pgoutput/pgoutput.ts";
import { CopyTextEncoder } from "../../../../connectors/source-postgres/rows/copy-text-encoder.ts";
import { copyText } from "../../../../connectors/source-postgres/rows/row-printer.ts";
import { columnType } from "../../../../connectors/postgres/types/column-type.ts";
import type { Database } from "../../../support/database.ts";

/** A change as the decoder told of it, with its rows as the encoder prints them. */
export interface Change {
  readonly kind: "insert" | "update" | "delete";
  readonly table: string;
  /** What the record says of the columns: an object without what it says of the change. */
  readonly row: string;
  /** The properties that the log does not carry. */
  readonly omitted: readonly string[];
  /** The old row of an update. */
  readonly old: string | undefined;
  readonly oldIsKeyOnly: boolean;
}

const STAMP = { lsn: 2n ** 64n - 1n, time: changeTime(0n), isDelete: false };
const TAIL = `"_ab_cdc_lsn":18446744073709551615,"_ab_cdc_updated_at":"2000-01-01T00:00:00.000000Z","_ab_cdc_deleted_at":null}`;

/** Opens a session as connectors do, with the settings that decide what the server prints. */
export const onSession = <T>(database: Database, work: (session: Session) => Promise<T>) =>
  withSession(
    { ...database.config, ssl_mode: { mode: "disable" } },
    { applicationName: "test", warn: () => {} },
    work,
  );

/** Makes a database ready for `TestLog`. */
export async function beginLog(database: Database): Promise<void> {
  await database.exec("create publication everything for all tables");
  await database.query("select pg_create_logical_replication_slot('log', 'pgoutput')");
}

/** What the log of a database says, since its slot was made. */
export class TestLog {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The messages since the last call. */
  async messages(): Promise<Buffer[]> {
    const rows = await this.#session.query("read the log", {
      text: `select encode(data, 'base64') as data from pg_logical_slot_get_binary_changes('log', null, null,
        'proto_version', '1', 'publication_names', 'everything', 'messages', 'true')`,
      values: [],
    });
    return rows.map(({ data }) => Buffer.from(data!, "base64"));
  }

  /** The changes since the last call. */
  async changes(): Promise<Change[]> {
    const { relations } = await describeDatabase(this.#session, { schemas: ["public"] });
    const changes: Change[] = [];
    const decoder = new PgoutputDecoder(printing(relations, (change) => changes.push(change)));
    for (const message of await this.messages()) decoder.decode(message, 0, message.length);
    return changes;
  }

  /** The rows of a table as the source prints them where it reads the table. */
  async copied(table: string): Promise<string[]> {
    const { relations } = await describeDatabase(this.#session, {
      tables: [{ schema: "public", name: table }],
    });
    const { columns } = relations[0]!;
    const encoder = new CopyTextEncoder(
      columns.map(({ name, type }) => ({ name, token: columnType(type).token })),
    );
    const rows: string[] = [];
    const row = (bytes: Buffer, start: number, end: number) => {
      const out = Buffer.alloc(encoder.room(bytes, start, end));
      rows.push(out.toString("utf8", 0, encoder.encode(bytes, start, end, out, 0)));
    };
    const plan = { relation: relations[0]!, columns };
    const copy = copyText(plan as Parameters<typeof copyText>[0], {});
    await this.#session.copyOut("copy", copy, { row, chunkDone: () => undefined }, 2 ** 30);
    return rows;
  }
}

function printing(
  described: readonly SourceRelation[],
  onChange: (change: Change) => void,
): LogHandler {
  const encoders = new Map<LogRelation, LogRowEncoder>();
  const print = (relation: LogRelation, row: LogTuple) => {
    const encoder = encoders.get(relation)!;
    const room = encoder.room(row);
    const out = Buffer.alloc(room + 1, 0xff);
    const end = encoder.encode(row, STAMP, out, 0);
    if (end > room || out[end] !== 0xff) throw new Error(`${end} bytes, and room for ${room}`);
    const json = out.toString("utf8", 0, end);
    if (!json.endsWith(TAIL)) throw new Error(`a record ends in ${json.slice(-TAIL.length)}`);
    const data = `${json.slice(0, -TAIL.length).replace(/,$/, "")}}`;
    const omitted = encoder.omittedOf(row);
    if (omitted.length !== encoder.omitted) throw new Error(`${encoder.omitted} were left out`);
    return { row: data, omitted };
  };
  const nothing = { old: undefined, oldIsKeyOnly: false };
  return {
    begin() {},
    commit() {},
    truncate() {},
    message() {},
    relation(relation) {
      const { columns } = described.find(({ name }) => name === relation.name)!;
      const indexOf = (column: string) => relation.columns.findIndex(({ name }) => name === column);
      const mapped = columns.map(({ name, type }) => ({ name, type, index: indexOf(name) }));
      encoders.set(relation, new LogRowEncoder(mapped));
    },
    insert(relation, row) {
      onChange({
        kind: "insert",
        table: relation.name,
        ...print(relation, row),
        ...nothing,
      });
    },
    update(relation, old, oldIsKeyOnly, row) {
      onChange({
        kind: "update",
        table: relation.name,
        ...print(relation, row),
        old: old && print(relation, old).row,
        oldIsKeyOnly,
      });
    },
    delete(relation, old, oldIsKeyOnly) {
      onChange({
        kind: "delete",
        table: relation.name,
        ...print(relation, old),
        old: undefined,
        oldIsKeyOnly,
      });
    },
  };
}
