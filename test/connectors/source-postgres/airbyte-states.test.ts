import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { State } from "../../../protocol/messages.ts";
import { it } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import { type Printed, SourceDriver, sorted } from "./drive.ts";

const stateOf = (blob: JsonObject): State[] => [
  {
    type: "STREAM",
    stream: { stream_descriptor: { name: "t", namespace: "public" }, stream_state: blob },
  },
];

/** What Airbyte's source says of transactions, in three spellings: all before this one had ended. */
function xminStatus(id: string): JsonObject {
  const raw = BigInt(id);
  return {
    state_type: "xmin",
    version: 2,
    num_wraparound: Number(raw >> 32n),
    xmin_xid_value: Number(raw & 0xffff_ffffn),
    xmin_raw_value: Number(raw),
  };
}

const warnings = (printed: Printed) => printed.logs.filter((line) => line.startsWith("WARN"));
const idsOf = (printed: Printed) => printed.rows("t").map((row) => Number(row["id"]));

const XMIN = { replication_method: { method: "Xmin" } };

it("goes on from the transactions that Airbyte's source had seen, and misses none that ran then", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int); insert into t values (1)");
  const late = await connect(source.config, { applicationName: "test" });
  await late.query("begin; insert into public.t values (2)");
  await source.exec("insert into t values (3)");
  const { rows } = await late.query<{ id: string }>("select txid_current()::text as id");
  const status = xminStatus(rows[0]!.id);
  await late.query("commit");
  await late.end();
  await source.exec("insert into t values (4)");
  const driver = new SourceDriver(source, folder, XMIN);
  const streams = await driver.configure(["t"], { sync_mode: "incremental" });

  const printed = await driver.read(streams, stateOf(status));
  const nothing = await driver.read(streams, printed.states);

  // Airbyte repeats what was written while the oldest transaction ran; so do we, once.
  expect(idsOf(printed)).toEqual([2, 3, 4]);
  expect(printed.logs.join("\n")).toMatch(/INFO public\.t: goes on from the state of Airbyte/);
  expect(idsOf(nothing)).toEqual([]);
});

it("goes on within a load of Airbyte's source that follows transactions", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table t (id int, pad text); insert into t select i, repeat('x', 100) from generate_series(1, 1000) i; delete from t where id = 1",
  );
  await source.exec("vacuum t");
  const [next] = await source.rows("select txid_snapshot_xmax(txid_current_snapshot())::text");
  const status = xminStatus(next![0]!);
  const [row] = await source.rows(
    "select ctid::text, pg_relation_filenode('t') from t where id = 500",
  );
  const unfinished = {
    state_type: "ctid",
    version: 2,
    ctid: row![0]!,
    incremental_state: status,
    relation_filenode: Number(row![1]),
  };
  await source.exec("insert into t values (0, 'into the first block')");
  const driver = new SourceDriver(source, folder, XMIN);
  const streams = await driver.configure(["t"], { sync_mode: "incremental" });

  const resumed = await driver.read(streams, stateOf(unfinished));
  const rewritten = await driver.read(
    streams,
    stateOf({ ...unfinished, relation_filenode: Number(row![1]) + 1 }),
  );

  expect(idsOf(resumed)).toEqual([0, ...Array.from({ length: 500 }, (_, i) => 501 + i)]);
  expect(warnings(resumed)).toEqual([]);
  expect(idsOf(rewritten)).toHaveLength(1000);
  expect(warnings(rewritten)).toEqual([expect.stringMatching(/was rewritten.* read again/)]);
});

it.for([
  [
    "a load by cursor that it did not finish",
    {
      state_type: "ctid",
      version: 2,
      ctid: "(0,5)",
      relation_filenode: 1,
      incremental_state: { state_type: "cursor_based", cursor_field: ["c"], cursor: "9" },
    },
  ],
  [
    "the same in its newer form",
    { state_type: "cursor_based", version: 3, ctid: "(0,5)", cursors: { c: 9 } },
  ],
  ["a refresh in its newer form", { state_type: "ctid_based", version: 3, ctid: "(0,5)" }],
  ["change data capture", { state_type: "cdc" }],
] as const)(
  "reads everything again from Airbyte's state of %s, and says so",
  async ([, blob], { source, folder }) => {
    await source.exec(
      "create table t (id int, c int not null); insert into t select i, i from generate_series(1, 10) i",
    );
    const driver = new SourceDriver(source, folder);
    const streams = await driver.configure(["t"], {
      sync_mode: "incremental",
      cursor_field: ["c"],
    });

    const printed = await driver.read(streams, stateOf(blob as unknown as JsonObject));

    expect(idsOf(printed)).toHaveLength(10);
    expect(warnings(printed)).toEqual([
      expect.stringMatching(/^WARN public\.t: the state is of .*; everything is read again$/),
    ]);
  },
);

it("hands a cursor of many digits on as it was, also when it found nothing new", async ({
  source,
  folder,
}) => {
  const cursor = "12345678901234567890";
  // A view has no row versions, so that a state that found nothing new is printed again.
  await source.exec(`create view t as select ${cursor}::numeric as c`);
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"], { sync_mode: "incremental", cursor_field: ["c"] });
  const args = await driver.readArguments(streams, stateOf({}));
  const file = args.at(-1)!;
  const state = await readFile(file, "utf8");
  const newest = `{"state_type":"cursor_based","version":3,"cursors":{"c":${cursor}}}`;
  await writeFile(file, state.replace("{}", newest));

  const first = sorted(await runExecutable("source-postgres", args));
  const second = await driver.read(streams, first.states);

  for (const printed of [first, second]) {
    expect(printed.rows("t")).toEqual([]);
    expect(printed.states.at(-1)!.stream!.stream_state).toMatchObject({ cursor });
  }
});

it("goes on from the position of the only stream of a name, whatever namespace its state and catalog have", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1), (2)");
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: ["id"],
    // What is wanted of the destination is none of the source's business.
    destination_sync_mode: "append_dedup",
    primary_key: [],
    generation_id: 3,
    minimum_generation_id: 2,
  });
  const cursor = {
    stream_name: "t",
    stream_namespace: null,
    cursor_field: ["id"],
    cursor: "1",
  };
  const states = [
    [
      {
        type: "STREAM",
        stream: { stream_descriptor: { name: "t", namespace: null }, stream_state: cursor },
      },
    ],
    [{ data: { cdc: false, streams: [cursor] } }],
    [{ cdc: false, streams: [cursor] }],
  ];

  for (const state of states) {
    const printed = await driver.read(streams, state as unknown as State[]);
    expect(idsOf(printed)).toEqual([2]);
  }
});

it.for([
  ["without the name of its cursor", { cursor: "5" }],
  ["of another connector", { updated_at: "2024-01-01" }],
  ["with its cursor's name misspelled", { cursor_feild: ["c"], cursor: "5" }],
] as const)(
  "reads nothing from a state %s, and says how one is written",
  async ([, blob], { source, folder }) => {
    await source.exec("create table t (c int not null); insert into t values (1), (6)");
    const driver = new SourceDriver(source, folder);
    const streams = await driver.configure(["t"], {
      sync_mode: "incremental",
      cursor_field: ["c"],
    });
    const args = await driver.readArguments(streams, stateOf(blob as unknown as JsonObject));

    const { exitCode, stdout } = await runExecutable("source-postgres", args);

    expect(exitCode).toBe(1);
    expect(stdout).not.toContain('"RECORD"');
    expect(stdout).toMatch(/"failure_type":"config_error"/);
    expect(stdout).toContain("names no cursor_field");
  },
);

it.for([
  ["", {}, [1, 6]],
  [
    " of a stream without rows",
    { state_type: "cursor_based", version: 2, stream_name: "t" },
    [1, 6],
  ],
  [" of a stream without a cursor", { __ab_no_cursor_state_message: true }, [1, 6]],
  [" whose cursor is a number", { cursor_field: ["c"], cursor: 5 }, [6]],
] as const)("goes on from a state%s: %o", async ([, blob, expected], { source, folder }) => {
  await source.exec("create table t (c int not null); insert into t values (1), (6)");
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: ["c"],
  });

  const printed = await driver.read(streams, stateOf(blob as unknown as JsonObject));

  expect(printed.rows("t").map((row) => Number(row["c"]))).toEqual(expected);
});
