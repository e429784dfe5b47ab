import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project, type Sync } from "../support/project.ts";
import {
  type Action,
  type Decide,
  type Fault,
  startProxy,
  type WireMessage,
} from "../support/proxy.ts";
import { leftovers } from "../support/tables.ts";

const PUBLIC = { namespace: "public" };
const INCREMENTAL = { ...PUBLIC, sync_mode: "incremental", cursor_field: "id" };
const STREAMS = [
  { ...INCREMENTAL, name: "appended", destination_sync_mode: "append" },
  { ...INCREMENTAL, name: "deduped", destination_sync_mode: "append_dedup", primary_key: ["id"] },
  { ...PUBLIC, name: "replaced", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
];
const TABLES = STREAMS.map(({ name }) => name);

const EMPTY = TABLES.map(
  (table) => `create table ${table} (id bigint primary key, filler text);`,
).join("\n");

/** Rows that fill several network packets. */
const ROWS = 500;
const more = (n: number) =>
  TABLES.map(
    (table) =>
      `insert into ${table} select n, repeat('x', 500) from generate_series(${n * ROWS + 1}, ${(n + 1) * ROWS}) n;`,
  ).join("\n");

/** A moment in the talk between a connector and its server. */
interface Moment {
  readonly name: string;
  readonly is: (message: WireMessage, since: { data: number; asked: boolean }) => boolean;
}

const IN_FIRST_ROWS: Moment = {
  name: "in the first rows",
  is: ({ type }, { data }) => type === "d" && data === 1,
};

/** From the first to the last. Some come on one side only; then nothing happens. */
const MOMENTS: readonly Moment[] = [
  { name: "when it starts", is: ({ type }) => type === "startup" },
  { name: "at the first query", is: ({ from, type }) => from === "client" && type === "Q" },
  { name: "at the answer to a query", is: ({ from, type }) => from === "server" && type === "Z" },
  IN_FIRST_ROWS,
  { name: "in later rows", is: ({ type }, { data }) => type === "d" && data === 8 },
  { name: "at the end of the rows", is: ({ type }, { data }) => type === "c" && data > 0 },
  {
    name: "at the answer to the rows",
    is: ({ from, type, text }, { data }) =>
      from === "server" && type === "C" && text.startsWith("COPY") && data > 0,
  },
  {
    name: "when it asks to end the transaction",
    is: ({ from, type, text }, { data }) =>
      from === "client" && type === "Q" && /^\s*(commit|rollback)/i.test(text) && data > 0,
  },
  {
    name: "at the answer to that",
    is: ({ from, type, text }, { asked }) =>
      from === "server" && type === "C" && /^(COMMIT|ROLLBACK)$/.test(text) && asked,
  },
];

/** Does `action` once, at the moment. */
function at(moment: Moment, action: Action): Decide {
  const since = new Map<number, { data: number; asked: boolean }>();
  let isOver = false;
  return (message) => {
    const { from, type, text, connection } = message;
    const known = since.get(connection) ?? { data: 0, asked: false };
    since.set(connection, known);
    if (type === "d") known.data++;
    if (isOver || !moment.is(message, known)) {
      if (from === "client" && /^\s*(commit|rollback)/i.test(text) && known.data > 0)
        known.asked = true;
      return "pass";
    }
    isOver = true;
    return action;
  };
}

class Scene {
  readonly #source: Database;
  readonly #destination: Database;
  readonly #folder: string;

  constructor(source: Database, destination: Database, folder: string) {
    this.#source = source;
    this.#destination = destination;
    this.#folder = folder;
  }

  /** One sync through a proxy on one side. */
  async sync(
    side: "source" | "destination",
    decide: Decide,
    connection: object = {},
  ): Promise<Sync> {
    const target = side === "source" ? this.#source : this.#destination;
    const proxy = await startProxy(target.config, decide);
    try {
      const place = { host: proxy.host, port: proxy.port };
      const project = await this.#project({ [`${side}Config`]: place }, connection);
      return await project.trySync("c");
    } finally {
      await proxy.close();
    }
  }

  /** Whatever was saved and committed so far, nothing is missing, double or half there. */
  async expectWhole(result: Sync): Promise<void> {
    for (const table of ["appended", "deduped"]) {
      const [row] = await this.#destination.rows(
        `select count(*), count(distinct id), coalesce(max(id), 0) from ${await this.#orNothing(table)}`,
      );
      expect(row![0]).toBe(row![1]);
      expect(row![0]).toBe(row![2]);
    }
    const [replaced] = await this.#destination.rows(
      `select count(*), count(distinct id), coalesce(max(id), 0) from ${await this.#orNothing("replaced")}`,
    );
    expect(replaced![0]).toBe(replaced![1]);
    expect(replaced![0]).toBe(replaced![2]);
    if (result.exitCode !== 0) return;
    await this.expectCopied();
  }

  async expectCopied(): Promise<void> {
    for (const table of TABLES) {
      const ids = `select count(*), count(distinct id), max(id) from ${table}`;
      expect(await this.#destination.rows(ids)).toEqual(await this.#source.rows(ids));
    }
    expect(await leftovers(this.#destination)).toEqual([]);
  }

  async #orNothing(table: string): Promise<string> {
    const [row] = await this.#destination.rows("select to_regclass($1)", [table]);
    return row![0] === null ? "(select 0 as id where false) nothing" : table;
  }

  async cleanSync(): Promise<void> {
    const project = await this.#project({});
    await project.sync("c");
    await this.expectCopied();
  }

  async #project(options: object, connection: object = {}): Promise<Project> {
    return Project.create(this.#folder, {
      source: this.#source,
      destination: this.#destination,
      connections: {
        c: {
          streams: STREAMS,
          ...connection,
        },
      },
      ...options,
    });
  }
}

const SHORT_PATIENCE = {
  limits: { source_silence_seconds: 2, destination_silence_seconds: 2, stop_seconds: 1 },
};

const FAULTS: readonly Fault[] = ["close", "reset"];

/** @guarantee connection-loss */
describe("a connection that breaks", () => {
  for (const side of ["source", "destination"] as const)
    it(
      `to the ${side}'s server, whenever and however: the sync says so or does without, and nothing is lost or doubled`,
      { timeout: 300_000 },
      async ({ source, destination, folder }) => {
        await source.exec(EMPTY);
        const scene = new Scene(source, destination, folder);
        let n = 0;
        for (const moment of MOMENTS) {
          // The other kind of end at the next moment: both meet every kind of moment in two runs.
          const fault = FAULTS[n % 2]!;
          await source.exec(more(n++));
          const result = await scene.sync(side, at(moment, fault));
          const outcome = `${moment.name}, ${fault}: ${result.exitCode}`;
          expect(outcome).toMatch(/: (0|1)$/);
          if (result.exitCode === 1)
            expect(result.stdout + result.stderr, outcome).toMatch(/connection|answer/);
          await scene.expectWhole(result);
        }
        await scene.cleanSync();
      },
    );

  for (const side of ["source", "destination"] as const)
    it(
      `to the ${side}'s server without a word: the sync gives up in time, and nothing is lost or doubled`,
      { timeout: 300_000 },
      async ({ source, destination, folder }) => {
        await source.exec(EMPTY);
        const scene = new Scene(source, destination, folder);
        await source.exec(more(0));
        const started = performance.now();

        const result = await scene.sync(side, at(IN_FIRST_ROWS, "freeze"), SHORT_PATIENCE);

        expect(result.exitCode).toBe(1);
        expect(performance.now() - started).toBeLessThan(30_000);
        expect(result.stdout + result.stderr).toMatch(/connector\.silent/);
        await scene.expectWhole(result);
        await scene.cleanSync();
      },
    );
});
