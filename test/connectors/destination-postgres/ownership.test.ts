import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  record,
  startWrite,
  state,
  stream,
  TEXT,
  write,
  writeCommand,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";

const as = (connection: string, project?: string, config: object = {}): WriteOptions => ({
  env: {
    SYNCLINE_CONNECTION_ID: connection,
    ...(project === undefined ? {} : { SYNCLINE_PROJECT_ID: project }),
  },
  config: config as Record<string, unknown>,
});

const append = stream({ incremental: true, cursor: "id" });
const modes: StreamSpec[] = [
  append,
  stream({ mode: "overwrite", generation: 1, minimum: 1 }),
  stream({ mode: "append_dedup", incremental: true, cursor: "id", key: ["id"] }),
  // Would add a column and make one wider.
  stream({ properties: { id: TEXT, name: TEXT, more: INTEGER } }),
];

const lines = (...ids: number[]) => [
  ...ids.map((id) => record("demo", { id })),
  state("demo", { at: ids.at(-1) ?? 0 }),
  complete("demo"),
];

async function ids(destination: Database, table = "demo"): Promise<(string | null)[]> {
  return (await destination.rows(`select id from ${table} order by id`)).flat();
}

/** Everything in the database that a run could have changed. */
async function everything(destination: Database): Promise<unknown> {
  return [
    await destination.rows(
      `select n.nspname, c.relname, c.oid, c.relfilenode, a.attname, format_type(a.atttypid, -1)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where n.nspname in ('public', '_syncline') order by 1, 2, a.attnum`,
    ),
    await destination.rows("select * from demo order by 1"),
    await destination.rows("select * from _syncline.written_table order by 1, 2"),
    await destination.rows("select * from _syncline.checkpoint order by 1, 2, 3, 4"),
    await destination.rows("select * from _syncline.connection order by 1, 2"),
  ];
}

/** @guarantee tables-owned */
it("refuses the tables of another connection before anything changes, naming both and the way out", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1), as("old", "p"));
  const before = await everything(destination);

  for (const spec of modes) {
    const run = await write(destination, folder, [spec], lines(2), as("new", "p"));

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toContain(
      "public.demo is written by the connection old; this is the connection new",
    );
    expect(errorOf(run)).toContain("syncline state move old new");
    expect(errorOf(run)).toContain("syncline adopt new");
    expect(errorOf(run)).toContain("table.owned");
    expect(await everything(destination)).toEqual(before);
  }
  const asked = await committedState(destination, folder, [append], as("new", "p"));
  expect(asked).toContain("is written by the connection old");
  const args = await writeCommand("normalize", destination, folder, [append], as("new", "p"));
  const rebuilt = await runExecutable("destination-postgres", args, { env: as("new", "p").env! });
  expect(errorOf(rebuilt)).toContain("is written by the connection old");
  expect(await everything(destination)).toEqual(before);
});

it("warns when a table is adopted whose position stays behind, where rows are going to be added", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1), as("old", "p"));
  const adopt = async (connection: string) => {
    const options = as(connection, "p");
    const args = await writeCommand("adopt", destination, folder, [append], options);
    return runExecutable("destination-postgres", args, { env: options.env! });
  };

  const adopted = await adopt("new");
  const again = await adopt("new");

  expect(adopted.stdout).toContain("the next sync reads everything and adds it to the rows");
  expect(adopted.stdout).toContain("syncline refresh new --remove");
  expect(again.stdout).not.toContain("refresh");
});

/** @guarantee tables-owned */
it("tells two projects apart whose connections have one name", async ({ destination, folder }) => {
  await write(destination, folder, [append], lines(1), as("shop", "host:/a"));
  const before = await everything(destination);

  const run = await write(destination, folder, [append], lines(2), as("shop", "host:/b"));

  expect(errorOf(run)).toContain(
    "public.demo is written by the connection shop of the project host:/a; this is the connection shop of the project host:/b",
  );
  expect(errorOf(run)).toContain("syncline adopt shop");
  expect(errorOf(run)).toContain("SYNCLINE_PROJECT_ID");
  expect(await everything(destination)).toEqual(before);
});

it("keeps apart what two projects know of streams of one name, in tables of their own", async ({
  destination,
  folder,
}) => {
  const here = as("shop", "host:/a", { schema: "a" });
  const there = as("shop", "host:/b", { schema: "b" });
  await write(destination, folder, [append], lines(1, 2), here);

  expect(await committedState(destination, folder, [append], there)).toBe("");
  const running = await startWrite(destination, folder, [append], here);
  running.write(`${record("demo", { id: 3 })}\n${JSON.stringify(state("demo", { at: 3 }, 1))}\n`);
  await running.line((line) => line.includes('"at":3'));
  expect(errorOf(await write(destination, folder, [append], lines(1), there))).toBe("");
  running.write(`${JSON.stringify(complete("demo"))}\n`);
  running.endInput();

  expect(errorOf(await running.finished)).toBe("");
  expect(await ids(destination, "a.demo")).toEqual(["1", "2", "3"]);
  expect(await ids(destination, "b.demo")).toEqual(["1"]);
  expect(await committedState(destination, folder, [append], here)).toContain('"at":3');
  expect(await committedState(destination, folder, [append], there)).toContain('"at":1');
});

it("lets a run without a connection write what is nobody's, and nothing else", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1));
  expect(errorOf(await write(destination, folder, [append], lines(2)))).toBe("");
  expect(errorOf(await write(destination, folder, [append], lines(3), as("shop", "p")))).toBe("");
  const before = await everything(destination);

  for (const spec of modes) {
    const run = await write(destination, folder, [spec], lines(4));

    expect(errorOf(run)).toContain(
      "public.demo is written by the connection shop of the project p; this is a run without a connection",
    );
    expect(errorOf(run)).toContain("SYNCLINE_CONNECTION_ID=shop");
    expect(await everything(destination)).toEqual(before);
  }
  expect(await ids(destination)).toEqual(["1", "2", "3"]);
});

it("takes a run that names no project for the connection of that name, if there is one only", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1), as("shop", "host:/a"));

  expect(await committedState(destination, folder, [append], as("shop"))).toContain('"at":1');
  expect(errorOf(await write(destination, folder, [append], lines(2), as("shop")))).toBe("");
  expect(errorOf(await write(destination, folder, [append], lines(3), as("shop", "host:/a")))).toBe(
    "",
  );
  expect(await ids(destination)).toEqual(["1", "2", "3"]);

  await write(destination, folder, [append], lines(1), as("shop", "host:/b", { schema: "b" }));
  const run = await write(destination, folder, [append], lines(4), as("shop"));
  expect(errorOf(run)).toContain(
    "2 projects have a connection shop in this database: host:/a, host:/b",
  );
  expect(errorOf(run)).toContain("SYNCLINE_PROJECT_ID");
});

it("gives a project what a connection without one has written, stream by stream", async ({
  destination,
  folder,
}) => {
  const other = stream({ name: "other", incremental: true, cursor: "id" });
  const more = [record("other", { id: 7 }), state("other", { at: 7 }), complete("other")];
  await write(destination, folder, [append, other], [...lines(1), ...more], as("shop"));

  expect(await committedState(destination, folder, [append], as("shop", "a"))).toContain('"at":1');
  expect(errorOf(await write(destination, folder, [append], lines(2), as("shop", "a")))).toBe("");
  expect(await committedState(destination, folder, [other], as("shop", "b"))).toContain('"at":7');
  expect(errorOf(await write(destination, folder, [other], more, as("shop", "b")))).toBe("");

  const refused = await write(destination, folder, [other], more, as("shop", "a"));
  expect(errorOf(refused)).toContain(
    "public.other is written by the connection shop of the project b",
  );
});

it("counts a table that was dropped as nobody's", async ({ destination, folder }) => {
  await write(destination, folder, [append], lines(1), as("old", "p"));
  await destination.exec("drop table demo, _airbyte_raw_demo");

  expect(errorOf(await write(destination, folder, [append], lines(2), as("new", "p")))).toBe("");

  expect(await ids(destination)).toEqual(["2"]);
  const run = await write(destination, folder, [append], lines(3), as("old", "p"));
  expect(errorOf(run)).toContain("public.demo is written by the connection new");
});

it("keeps what it replaces: a table that takes another's place stays its connection's", async ({
  destination,
  folder,
}) => {
  const overwrite = stream({ mode: "overwrite" });
  for (const attach of ["", "grant select on demo to public", "create view v as table demo"]) {
    await destination.exec(attach);
    expect(errorOf(await write(destination, folder, [overwrite], lines(1), as("shop", "p")))).toBe(
      "",
    );
    const run = await write(destination, folder, [overwrite], lines(2), as("other", "p"));
    expect(errorOf(run)).toContain("public.demo is written by the connection shop");
  }
  expect(await ids(destination)).toEqual(["1"]);
});

it("lets two connections share a stream's name where each has tables of its own", async ({
  destination,
  folder,
}) => {
  const raw = as("raw", "p", { tables: "raw_only" });
  const typed = as("typed", "p", { tables: "final_only" });
  for (const at of [1, 2])
    for (const options of [raw, typed])
      expect(errorOf(await write(destination, folder, [append], lines(at), options))).toBe("");

  expect(await ids(destination)).toEqual(["1", "2"]);
  expect(await destination.rows("select count(*) from _airbyte_raw_demo")).toEqual([["2"]]);
});

it("locks every table that a run fills against others that fill one of them", async ({
  destination,
  folder,
}) => {
  const both = await startWrite(destination, folder, [append]);
  both.write(`${record("demo", { id: 1 })}\n${JSON.stringify(state("demo", { at: 1 }, 1))}\n`);
  await both.line((line) => line.includes('"at":1'));

  const raw = await write(
    destination,
    folder,
    [append],
    lines(2),
    as("raw", "p", { tables: "raw_only" }),
  );

  expect(errorOf(raw)).toContain("another sync is writing to the tables of demo");
  both.write(`${JSON.stringify(complete("demo"))}\n`);
  both.endInput();
  expect((await both.finished).exitCode).toBe(0);
}, 60_000);

it("hands over what a replacement has loaded so far, with the position it goes on from", async ({
  destination,
  folder,
}) => {
  const refresh = stream({ mode: "overwrite", resumable: true, generation: 1, minimum: 1 });
  const begun = [record("demo", { id: 1 }), state("demo", { at: 1 }, 1)];
  await write(destination, folder, [refresh], begun, as("old", "p"));
  expect(await committedState(destination, folder, [refresh], as("new", "p"))).toBe("");
  const command = async (name: string, options: WriteOptions, ...more: string[]) => {
    const args = await writeCommand(name, destination, folder, [refresh], options);
    const given = name === "move" ? args.slice(0, 3) : args;
    return runExecutable("destination-postgres", [...given, ...more], { env: options.env! });
  };

  const moved = await command("move", as("new", "p"), "--from", "old");

  expect(errorOf(moved)).toBe("");
  expect(await committedState(destination, folder, [refresh], as("old", "p"))).toBe("");
  expect(await committedState(destination, folder, [refresh], as("new", "p"))).toContain('"at":1');
  const rest = [record("demo", { id: 2 }), state("demo", { at: 2 }, 1), complete("demo")];
  expect(errorOf(await write(destination, folder, [refresh], rest, as("new", "p")))).toBe("");
  expect(await ids(destination)).toEqual(["1", "2"]);

  const again = await command("move", as("new", "p"), "--from", "old");
  expect(again.stdout).toContain("nothing is kept here of the connection old");
  expect(errorOf(await command("move", as("new", "p"), "--from", "new"))).toContain(
    "usage.invalid",
  );
});
