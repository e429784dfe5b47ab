import { afterEach, describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { countTurns, type TurnCounter } from "../support/turns.ts";
import {
  committedState,
  complete,
  errorOf,
  record,
  state,
  stream,
  TIMESTAMPTZ,
  INTEGER,
  write,
  writeCommand,
  text,
  type StreamSpec,
} from "./destination-postgres/drive.ts";
import { SourceDriver } from "./source-postgres/drive.ts";

/*
 * How often a connector waits for its server's answer: what a distant server costs. Signing in takes
 * three turns, and to tell whether something before the server that has a port of its own is a pooler,
 * as the counter has, takes the destination six more: these are among the numbers below.
 */

const open: TurnCounter[] = [];
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

async function counted({ config }: Database): Promise<TurnCounter & Pick<Database, "config">> {
  const counter = await countTurns(config);
  open.push(counter);
  return { ...counter, config: { ...config, host: counter.host, port: counter.port } };
}

const env = { SYNCLINE_CONNECTION_ID: "shop", SYNCLINE_PROJECT_ID: "here" };
const names = (count: number) => [...Array(count).keys()].map((number) => `t${number}`);
const properties = { id: INTEGER, at: TIMESTAMPTZ };

const KINDS = {
  append: { incremental: true, cursor: "at" },
  overwrite: { mode: "overwrite" },
  append_dedup: { incremental: true, cursor: "at", key: ["id"], mode: "append_dedup" },
} satisfies Record<string, Partial<StreamSpec>>;

describe("a destination waits for its server", () => {
  /** Turns of a first and of a second sync of `count` tables of a row. */
  async function turnsOf(
    destination: Database,
    folder: string,
    spec: Partial<StreamSpec>,
    count: number,
  ): Promise<{ first: number; second: number }> {
    const counter = await counted(destination);
    const streams = names(count).map((name) => stream({ ...spec, name, properties }));
    const sync = async (id: number) => {
      const lines = names(count).flatMap((name) => [
        record(name, { id, at: "2026-01-01T00:00:00Z" }),
        state(name, { at: id }, 1),
        complete(name),
      ]);
      expect(errorOf(await write(counter, folder, streams, lines, { env }))).toBe("");
      return counter.turns();
    };
    return { first: await sync(1), second: await sync(2) };
  }

  for (const [kind, first, second] of [
    ["append", 19, 18],
    ["overwrite", 21, 21],
    ["append_dedup", 23, 23],
  ] as const)
    it(`not once more for each table of ten: ${kind}`, async ({ destination, folder }) => {
      const one = await turnsOf(destination, folder, KINDS[kind], 10);

      expect(one.first).toBeLessThanOrEqual(first);
      expect(one.second).toBeLessThanOrEqual(second);
    });

  it("once for each batch", async ({ destination, folder }) => {
    const counter = await counted(destination);
    const streams = [stream({ properties })];
    const lines = [...Array(400).keys()].map((id) =>
      record("demo", { id, at: "2026-01-01T00:00:00Z" }),
    );
    const limits = (batchRows: number) => ({
      env: { SYNCLINE_LIMITS: JSON.stringify({ batchRows, chunkBytes: 400 }) },
    });
    await write(counter, folder, streams, [complete("demo")], limits(1));
    counter.turns();

    const turns: number[] = [];
    for (const batchRows of [40, 20]) {
      const run = await write(
        counter,
        folder,
        streams,
        [...lines, complete("demo")],
        limits(batchRows),
      );
      expect(errorOf(run)).toBe("");
      turns.push(counter.turns());
    }

    expect(turns[1]! - turns[0]!).toBeLessThanOrEqual(10);
  });

  it("a fixed number of times to say what is committed", async ({ destination, folder }) => {
    const counter = await counted(destination);
    const streams = names(5).map((name) => stream({ ...KINDS.append, name, properties }));
    const lines = names(5).flatMap((name) => [
      record(name, { id: 1, at: "2026-01-01T00:00:00Z" }),
      state(name, { at: 1 }, 1),
      complete(name),
    ]);
    await write(destination, folder, streams, lines, { env });

    const answer = await committedState(counter, folder, streams, { env });

    expect(answer.match(/"at":1/g)).toHaveLength(5);
    expect(counter.turns()).toBeLessThanOrEqual(14);
  });
});

describe("both commands of a sync, in one process,", () => {
  it("cost a destination one connection and one look at what stands before its server", async ({
    destination,
    folder,
  }) => {
    const counter = await counted(destination);
    const streams = names(5).map((name) => stream({ ...KINDS.append, name, properties }));
    const lines = names(5).flatMap((name) => [
      record(name, { id: 1, at: "2026-01-01T00:00:00Z" }),
      state(name, { at: 1 }, 1),
      complete(name),
    ]);
    const alone = await write(counter, folder, streams, lines, { env });
    counter.turns();
    const ask = await writeCommand("state", counter, folder, streams);
    const load = await writeCommand("write", counter, folder, streams);

    const run = await runExecutable("destination-postgres", ["session"], {
      env,
      stdin: [ask, load].map((args) => `${JSON.stringify(args)}\n`).join("") + text(lines),
    });

    expect([errorOf(alone), errorOf(run)]).toEqual(["", ""]);
    expect(run.stdout.match(/"at":1/g)).toHaveLength(10);
    expect(counter.turns()).toBeLessThanOrEqual(24);
  });

  it("cost a source one connection", async ({ source, folder }) => {
    await source.exec("create table t (id int primary key); insert into t values (1)");
    const streams = await new SourceDriver(source, folder).configure(["t"], {});
    const counter = await counted(source);
    const driver = new SourceDriver({ ...source, config: counter.config }, folder);

    const printed = await driver.discoverAndRead(streams);

    expect(printed.rows("t")).toEqual([{ id: 1 }]);
    expect(counter.turns()).toBe(12);
  });
});

describe("a source waits for its server", () => {
  async function turnsOf(source: Database, folder: string, count: number, isIncremental: boolean) {
    for (const name of names(count))
      await source.exec(
        `create table ${name} (id int primary key, at timestamptz not null); insert into ${name} values (1, now())`,
      );
    const streams = await new SourceDriver(source, folder).configure(
      names(count),
      isIncremental ? { sync_mode: "incremental", cursor_field: ["at"] } : {},
    );
    const counter = await counted(source);
    const driver = new SourceDriver({ ...source, config: counter.config }, folder);
    const { exitCode } = await driver.read(streams);
    expect(exitCode).toBe(0);
    const turns = counter.turns();
    await driver.discover();
    return { read: turns, discover: counter.turns() };
  }

  it("not once more for each small table that is read as a whole", async ({ source, folder }) => {
    const turns = await turnsOf(source, folder, 10, false);
    expect(turns).toEqual({ read: 8 + 1, discover: 6 });
  });

  it("three times for each table that is begun to be followed", async ({ source, folder }) => {
    const turns = await turnsOf(source, folder, 10, true);
    expect(turns).toEqual({ read: 8 + 3 * 10, discover: 6 });
  });
});
