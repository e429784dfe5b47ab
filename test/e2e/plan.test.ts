import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const incremental = (name: string, mode = "append") => ({
  name,
  namespace: "public",
  sync_mode: "incremental",
  destination_sync_mode: mode,
  cursor_field: "c",
  ...(mode === "append_dedup" && { primary_key: "id" }),
});

/** Everything that is stored behind a database's back: tables with their columns, and rows of ours. */
const contentsOf = async (database: Database) => ({
  columns: await database.rows(`
    select table_schema, table_name, column_name, data_type from information_schema.columns
    where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, 3`),
  schemas: await database.rows(
    "select nspname from pg_namespace where nspname !~ '^pg_' order by 1",
  ),
  types: await database.rows("select count(*) from pg_type"),
});

interface Step {
  readonly action: string;
  readonly statements: readonly string[];
  readonly columns?: readonly object[];
}

interface PlanJson {
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
  readonly not_known: readonly string[];
  readonly left_out: readonly { name: string; failure: { message: string } }[];
  readonly streams: readonly {
    readonly name: string;
    readonly row_estimate?: number;
    readonly byte_estimate?: number;
    readonly steps: readonly Step[];
    readonly notes: readonly string[];
    readonly at_beginning_because?: string;
  }[];
}

async function plan(project: Project): Promise<PlanJson & { readonly exitCode: number | null }> {
  const { exitCode, stdout, stderr } = await project.syncline(["plan", "--json"]);
  expect(stdout, stderr).not.toBe("");
  return { ...(JSON.parse(stdout) as PlanJson), exitCode };
}

describe("plan", () => {
  it("shows what would be created, with the source's estimates, and creates nothing", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create type mood as enum ('fine', 'sad');
      create table t (id int primary key, c int not null, how mood);
      insert into t select n, n, 'fine' from generate_series(1, 1000) n; analyze t`);
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { column_types: "native" },
      connections: { c: { namespace: "sorce", streams: [incremental("t", "append_dedup")] } },
    });
    const before = await contentsOf(destination);

    const told = await plan(project);
    const { stdout } = await project.syncline(["plan"]);

    expect(told.exitCode).toBe(0);
    expect(told.steps.map(({ action }) => action)).toEqual([
      "make the tables that sync positions are kept in, in the schema _syncline",
      "create the schema sorce",
      "create the type public.mood",
    ]);
    expect(told.streams).toMatchObject([
      { name: "t", row_estimate: 1000, at_beginning_because: "it was never synced" },
    ]);
    expect(told.streams[0]!.byte_estimate).toBeGreaterThan(10_000);
    expect(told.streams[0]!.steps.map(({ action }) => action)).toEqual([
      "create sorce._airbyte_raw_t",
      "create sorce.t",
      "create sorce.t_scd",
    ]);
    expect(told.streams[0]!.notes).toEqual([
      "no index of public.t begins with its cursor c: each sync scans the table",
    ]);
    expect(stdout).toContain("public.t: about 1,000 rows, ");
    expect(stdout).toContain("begins at its beginning: it was never synced");
    expect(stdout).toContain('+ create table "sorce"."t" (');
    expect(await contentsOf(destination)).toEqual(before);

    const { stderr } = await project.sync();
    expect(stderr).toContain("the schema sorce did not exist and was created");
    expect(await destination.rows(`select "how", count(*) from sorce.t group by 1`)).toEqual([
      ["fine", "1000"],
    ]);
  });

  it("shows columns that are added and types that change, as a sync then changes them", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create table t (id int primary key, c int not null, old int); insert into t values (1, 1, 1);
      create index on t (c);
      create table whole (id int, gone int); insert into whole values (1, 1)`);
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { tables: "final_only", column_types: "native" },
      connections: { c: { streams: [incremental("t"), { name: "whole", namespace: "public" }] } },
    });
    await project.sync();
    await source.exec(`
      alter table t alter column old type numeric; alter table t add column new text;
      alter table whole drop column gone; alter table whole add column came bigint`);
    const before = await contentsOf(destination);

    const { exitCode, streams } = await plan(project);
    const { stdout } = await project.syncline(["plan"]);

    expect(exitCode).toBe(0);
    const steps = streams.find(({ name }) => name === "t")!.steps;
    expect(steps.map(({ action }) => action)).toEqual([
      "add columns to the tables of t",
      "change public.t.old from integer to numeric",
    ]);
    expect(streams.find(({ name }) => name === "whole")).toMatchObject({
      notes: ["public.whole has no primary key: versions of a row cannot be told from other rows"],
      steps: [
        {
          action: "replace all rows of public.whole",
          columns: [
            { name: "gone", from: "integer", to: null },
            { name: "came", from: null, to: "bigint" },
          ],
        },
      ],
    });
    expect(stdout).toContain("- gone integer");
    expect(stdout).toContain("+ came bigint");
    expect(await contentsOf(destination)).toEqual(before);

    await project.sync();
    expect(
      await destination.rows(`select column_name, data_type from information_schema.columns
        where table_name = 't' and column_name in ('old', 'new') order by 1`),
    ).toEqual([
      ["new", "text"],
      ["old", "numeric"],
    ]);
  });

  it("is refused where a sync would be, for the same reasons and with the same exit code", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create table fine (id int primary key, c int not null); insert into fine values (1, 1);
      create table theirs (id int primary key, c int not null); insert into theirs values (1, 1);
      create table other (id int primary key, c int not null); insert into other values (1, 1);
      create table nulls (id int primary key, c int); insert into nulls values (1, null)`);
    const options = { source, destination };
    const first = await Project.create(await mkdtemp(join(folder, "first-")), {
      ...options,
      connections: { one: { streams: [incremental("other")] } },
    });
    await first.sync();
    await destination.exec("create table theirs (mine text)");
    const names = ["fine", "theirs", "other", "nulls"];
    const project = await Project.create(folder, {
      ...options,
      connections: { two: { streams: names.map((name) => incremental(name)) } },
    });

    const told = await plan(project);
    const synced = await project.trySync();

    expect([told.exitCode, synced.exitCode]).toEqual([3, 3]);
    expect(told.streams.map(({ name }) => name)).toEqual(["fine"]);
    const reasons = {
      nulls: "Cursor column contains NULL value",
      other: "public.other is written by the connection one",
      theirs: "public.theirs exists and was not made by this tool",
    };
    for (const [name, why] of Object.entries(reasons)) {
      const refusal = told.left_out.find((one) => one.name === name);
      expect(refusal?.failure.message).toContain(why);
      expect(synced.stderr).toContain(why);
    }
    expect(await destination.rows("select id from fine")).toEqual([["1"]]);
  });

  it("names the rights that are missing on both sides, and what the source left out", async ({
    source,
    destination,
    folder,
  }) => {
    const role = `r_${randomBytes(6).toString("hex")}`;
    await source.exec(`
      create role ${role} login password 'secret';
      create table fine (id int primary key); insert into fine values (1);
      create table secret (id int primary key);
      create table half (id int primary key, hidden int);
      grant select on fine to ${role}; grant select (id) on half to ${role};
      create schema elsewhere; create table elsewhere.far (id int primary key);
      grant usage on schema elsewhere to ${role}; grant select on elsewhere.far to ${role}`);
    await destination.exec(`
      do $$ begin
        if not exists (select from pg_roles where rolname = '${role}') then
          create role ${role} login password 'secret';
        end if;
      end $$;
      create schema _syncline_${role} authorization ${role};
      grant create, usage on schema public to ${role};
      create table half (id bigint, _airbyte_ab_id uuid, _airbyte_emitted_at timestamptz)`);
    try {
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig: { username: role, password: "secret" },
        destinationConfig: { username: role, password: "secret", tables: "final_only" },
        connections: {
          c: {
            namespace: "source",
            streams: ["fine", "half", { name: "far", namespace: "elsewhere" }].map((stream) =>
              typeof stream === "string" ? { name: stream, namespace: "public" } : stream,
            ),
          },
        },
      });

      const told = await plan(project);
      const synced = await project.trySync();

      expect(told.streams.map(({ name }) => name)).toEqual(["fine"]);
      expect(told.exitCode).toBe(3);
      expect(synced.exitCode, synced.stderr).toBe(3);
      const denied = [
        `may not SELECT, INSERT, UPDATE, DELETE in public.half`,
        "the schema elsewhere does not exist and the configured user may not create it",
      ];
      for (const why of denied) {
        expect(told.left_out.map(({ failure }) => failure.message).join("\n")).toContain(why);
        expect(synced.stderr).toContain(why);
      }
      expect(told.notes).toEqual([
        "public.half: left out hidden, which the user may not select",
        "left out 1 table of which the user may select nothing: public.secret",
      ]);
      expect(await destination.rows("select id from fine")).toEqual([["1"]]);
    } finally {
      await destination.exec(`drop owned by ${role} cascade`);
      await source.exec(`drop owned by ${role}; drop role ${role}`);
      await destination.exec(`drop role if exists ${role}`);
    }
  });

  it("says why a stream begins at its beginning again", async ({ source, destination, folder }) => {
    await source.exec(`
      create table t (id int primary key, c int not null); insert into t values (1, 1)`);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: [incremental("t", "append_dedup")] } },
    });
    await project.sync();
    const before = await plan(project);
    await destination.exec("drop table t, t_scd, _airbyte_raw_t");

    const { streams } = await plan(project);

    expect(before.streams[0]!.at_beginning_because).toBeUndefined();
    expect(before.streams[0]!.steps).toEqual([]);
    expect(streams[0]!.at_beginning_because).toBe(
      "the destination does not have what was committed of it",
    );
    expect(streams[0]!.steps).toHaveLength(3);
  });
});

describe("discover", () => {
  it("says what it leaves out, and does not call nothing at all a success", async ({
    source,
    destination,
    folder,
  }) => {
    const role = `r_${randomBytes(6).toString("hex")}`;
    await source.exec(`
      create role ${role} login password 'secret'; create table t (id int primary key, c int)`);
    try {
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig: { username: role, password: "secret" },
        connections: { c: { streams: ["t"] } },
      });

      const nothing = await project.syncline(["discover"]);
      await source.exec(`grant select (id) on t to ${role}`);
      const half = await project.syncline(["discover"]);

      expect(nothing.exitCode).toBe(2);
      expect(nothing.stderr).toContain(
        "left out 1 table of which the user may select nothing: public.t",
      );
      expect(nothing.stderr).toContain("shop: the source offers no streams");
      expect(half.exitCode).toBe(0);
      expect(half.stderr).toContain("public.t: left out c, which the user may not select");
    } finally {
      await source.exec(`drop owned by ${role}; drop role ${role}`);
    }
  });
});
