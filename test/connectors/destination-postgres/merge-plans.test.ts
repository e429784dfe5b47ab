import { expect } from "vitest";
import {
  firstStatements,
  lockRowStatements,
  mergeStatements,
} from "../../../connectors/destination-postgres/publish/merge.ts";
import type {
  MergeStatement,
  MergeTables,
} from "../../../connectors/destination-postgres/publish/merge-terms.ts";
import { lookAtStaged } from "../../../connectors/destination-postgres/publish/merge-way.ts";
import { runMerge } from "../../../connectors/destination-postgres/publish/run-merge.ts";
import { planStreams } from "../../../connectors/destination-postgres/plan/plan.ts";
import type { DedupPlan } from "../../../connectors/destination-postgres/plan/stream-plan.ts";
import {
  createIndex,
  createStage,
  createTable,
  finalColumns,
  historyColumns,
} from "../../../connectors/destination-postgres/plan/tables.ts";
import { withSession, type Session } from "../../../connectors/postgres/session.ts";
import { it, type Database } from "../../support/fixtures.ts";

/** Few enough of the smaller table, and no page of either has two of them. */
const CHANGES = 500;

const SETTINGS = {
  schema: "public",
  tables: "final_only",
  history: true,
  hashid: false,
  cdc_deletion_mode: "Soft delete",
} as const;

/** A plan with a key of one whole number, or of a text and a number. */
function planOf(table: string, key: readonly string[] = ["id"]) {
  const properties = {
    id: { type: "integer" },
    name: { type: "string" },
    at: { type: "integer" },
  };
  const stream = {
    name: table,
    json_schema: { type: "object", properties },
    supported_sync_modes: ["incremental" as const],
  };
  const [plan] = planStreams(
    {
      streams: [
        {
          stream,
          sync_mode: "incremental",
          destination_sync_mode: "append_dedup",
          primary_key: key.map((column) => [column]),
          cursor_field: ["at"],
        },
      ],
    },
    SETTINGS,
    false,
  );
  const dedup: DedupPlan = plan!.dedup!;
  const tables: MergeTables = {
    stage: { schema: "pg_temp", name: `stage_${table}` },
    final: plan!.final!,
    history: plan!.history!,
  };
  return { plan: plan!, dedup, tables };
}

type Merged = ReturnType<typeof planOf>;

async function createTables(session: Session, { plan, tables }: Merged): Promise<void> {
  await session.run(
    "create tables",
    createTable(tables.final, finalColumns(plan)),
    createTable(tables.history!, historyColumns(plan)),
    createStage(tables.stage, plan),
  );
}

/** Stages `count` rows with the ids 1, 1 + step, …, of the version `at`. */
function stage(session: Session, { tables }: Merged, count: number, at: number, step = 1) {
  return session.run(
    "stage rows",
    `insert into pg_temp.${tables.stage.name}
       (id, name, at, _airbyte_ab_id, _airbyte_emitted_at, _airbyte_normalized_at)
     select 1 + n * ${step}, 'customer ' || n * ${step}, ${at}, md5(n::text)::uuid, now(), now()
       from generate_series(0, ${count - 1}) n`,
  );
}

/** Moves the staged rows into empty tables, as a lane does, and indexes these. */
async function loadFirst(session: Session, merged: Merged, rows: number): Promise<void> {
  const { plan, dedup, tables } = merged;
  const staged = { plan, tables, dedup, rows, areIndexed: false, lookUpRows: 1 };
  expect(await lookAtStaged(session, "look", staged)).toMatchObject({ way: "first", keyless: 0 });
  const statements = firstStatements(plan, dedup, tables);
  await runMerge(session, { action: "merge", appended: rows }, statements);
}

function index(session: Session, { tables, dedup }: Merged): Promise<void> {
  return session.run(
    "index",
    createIndex(tables.final, `${tables.final.name}_key`, dedup),
    createIndex(tables.history!, `${tables.history!.name}_key`, dedup),
  );
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly Plans?: readonly PlanNode[];
}

/** Runs the statements of a merge, those with a plan under EXPLAIN, and returns these as they ran. */
async function explained(
  session: Session,
  statements: readonly MergeStatement[],
): Promise<PlanNode[]> {
  const plans: PlanNode[] = [];
  for (const one of statements) {
    const sql = typeof one === "string" ? one : one.sql;
    if (!/^\s*(with|select|insert|update|delete|create temporary table \w+ .*\bas\n)/.test(sql)) {
      await session.run("merge", sql);
      continue;
    }
    const text = `explain (analyze, buffers, timing off, format json) ${sql}`;
    const row = await session.queryRow("explain", { text, values: [] });
    const [{ Plan }] = JSON.parse(row["QUERY PLAN"]!) as [{ Plan: PlanNode }];
    plans.push(Plan);
  }
  return plans;
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** How a merge of few changes went: how it was to go, what it scanned as a whole, and the pages it looked at. */
async function mergeFew(session: Session, merged: Merged, rows: number) {
  const { plan, dedup, tables } = merged;
  await session.begin();
  await stage(session, merged, CHANGES, 2, Math.floor(rows / CHANGES));
  const staged = { plan, tables, dedup, rows: CHANGES, areIndexed: true, lookUpRows: 1 };
  const { way, foundBy } = await lookAtStaged(session, "look", staged);
  const keyed = { ...dedup, foundBy };
  const plans = await explained(session, [
    ...lockRowStatements(keyed, tables, way === "few"),
    ...mergeStatements(plan, keyed, tables, way === "few"),
  ]);
  const settings = await session.queryRow("look", {
    text: "select current_setting('enable_hashjoin') as hash, current_setting('random_page_cost') as random",
    values: [],
  });
  await session.commit();
  const readers = [tables.final.name, tables.history!.name];
  const scanned = plans
    .flatMap(nodesOf)
    .filter((node) => node["Node Type"] === "Seq Scan")
    .map((node) => node["Relation Name"])
    .filter((name) => readers.includes(name!));
  const pages = plans.reduce(
    (sum, node) => sum + node["Shared Hit Blocks"] + node["Shared Read Blocks"],
    0,
  );
  return { way, scanned, pages, settings };
}

const counts = async (destination: Database, { tables }: Merged) =>
  (
    await destination.rows(
      `select (select count(*) from ${tables.final.name}), (select count(*) from ${tables.final.name} where at = 2),
              count(*), count(*) filter (where _airbyte_active_row = 1),
              count(*) filter (where _airbyte_end_at = 2 and _airbyte_active_row = 0)
         from ${tables.history!.name}`,
    )
  )[0]!.map(Number);

it("moves 1,000,000 rows into empty tables without sorting on disk, and merges few changes by the index, in the time it takes with 100,000", async ({
  destination,
}) => {
  const visited: number[] = [];
  for (const rows of [100_000, 1_000_000]) {
    const merged = planOf(`t${rows}`);
    const { tables } = merged;
    await withSession(destination.config, { applicationName: "test" }, async (session) => {
      await createTables(session, merged);
      await session.begin();
      await stage(session, merged, rows, 1);
      await session.run("allow nothing on disk", "set local temp_file_limit = 0");
      await loadFirst(session, merged, rows);
      await session.run("allow it again", "set local temp_file_limit = -1");
      await index(session, merged);
      await session.commit();
      await session.run(
        "analyze",
        `analyze public.${tables.final.name}, public.${tables.history!.name}`,
      );

      const { way, scanned, pages, settings } = await mergeFew(session, merged, rows);

      expect(way).toBe("few");
      expect(scanned).toEqual([]);
      expect(settings).toEqual({ hash: "on", random: "4" });
      visited.push(pages);
    });
    const expected = [rows, CHANGES, rows + CHANGES, rows, CHANGES];
    expect(await counts(destination, merged)).toEqual(expected);
  }
  // The index of the larger table is a level deeper.
  expect(visited[1]).toBeLessThan(visited[0]! * 1.5);
}, 120_000);

it.for<readonly [string, (table: string) => string]>([
  ["nothing is known of the tables", (table) => `delete from public.${table}`],
  [
    "all rows seem to have one key",
    (table) =>
      `insert into public.${table} (_airbyte_unique_key) select 'x' from generate_series(1, 1000);
       analyze public.${table}; delete from public.${table}`,
  ],
])(
  "looks few changes up although %s",
  { timeout: 60_000 },
  async ([, mislead], { destination }) => {
    const rows = 100_000;
    const merged = planOf("t", ["name", "id"]);
    const { final, history } = merged.tables;
    await withSession(destination.config, { applicationName: "test" }, async (session) => {
      await createTables(session, merged);
      for (const { name } of [final, history!]) {
        const leave = `alter table public.${name} set (autovacuum_enabled = off)`;
        await session.run("mislead the planner", leave, ...mislead(name).split(";"));
      }
      await session.begin();
      await stage(session, merged, rows, 1);
      await loadFirst(session, merged, rows);
      await index(session, merged);
      await session.commit();

      const { way, scanned } = await mergeFew(session, merged, rows);

      expect([way, scanned]).toEqual(["few", []]);
    });
    expect((await counts(destination, merged))[0]).toBe(rows);
  },
);

it.for<readonly [string, readonly string[], (session: Session) => Promise<void>]>([
  ["a key comes twice", ["id"], (session) => stage(session, planOf("t"), 1, 3)],
  [
    "a key of two columns comes twice",
    ["name", "id"],
    (session) => stage(session, planOf("t"), 1, 3),
  ],
  [
    "its key is NULL",
    ["id"],
    (session) => session.run("x", "insert into pg_temp.stage_t (at) values (3)"),
  ],
  [
    "the table has rows",
    ["id"],
    (session) => session.run("x", "insert into public.t (id) values (3)"),
  ],
  [
    "the history has rows",
    ["id"],
    (session) => session.run("x", "insert into public.t_scd (id) values (3)"),
  ],
])("merges the rows of a first load where %s", async ([, key, disturb], { destination }) => {
  const merged = planOf("t", key);
  const { plan, tables, dedup } = merged;
  await withSession(destination.config, { applicationName: "test" }, async (session) => {
    await createTables(session, merged);
    await session.begin();
    await stage(session, merged, 10, 1);
    await disturb(session);
    const staged = { plan, tables, dedup, rows: 10, areIndexed: false, lookUpRows: 1 };
    expect(await lookAtStaged(session, "look", staged)).toMatchObject({ way: "many" });
    await session.rollback();
  });
});

it.for<readonly [string, string]>([
  ["was dropped", "drop index public.t_key"],
  [
    "cannot look up several at once",
    "drop index public.t_key; create index t_key on public.t using hash (id)",
  ],
  [
    "is not valid",
    "update pg_index set indisvalid = false where indexrelid = 'public.t_scd_key'::regclass",
  ],
  ["is not that of a table that inherits", "create table public.heir () inherits (public.t)"],
  ["is another", "drop index public.t_key; create index t_key on public.t (at)"],
])("looks nothing up where the index of keys %s", async ([, change], { destination }) => {
  const merged = planOf("t");
  const { plan, tables, dedup } = merged;
  await withSession(destination.config, { applicationName: "test" }, async (session) => {
    await createTables(session, merged);
    await session.begin();
    await stage(session, merged, 10_000, 1);
    await loadFirst(session, merged, 10_000);
    await index(session, merged);
    await stage(session, merged, 3, 2);
    const staged = { plan, tables, dedup, rows: 3, areIndexed: true, lookUpRows: 1 };
    expect(await lookAtStaged(session, "look", staged)).toEqual({
      way: "few",
      foundBy: "value",
      keyless: 0,
    });
    await session.run("change the index", change);
    expect(await lookAtStaged(session, "look", staged)).toEqual({
      way: "many",
      foundBy: "value",
      keyless: 0,
    });
    await session.rollback();
  });
});

it("looks few changes up by the hash of their keys where tables have no other index, or a key is NULL", async ({
  destination,
}) => {
  const merged = planOf("t");
  const { plan, tables, dedup } = merged;
  await withSession(destination.config, { applicationName: "test" }, async (session) => {
    await createTables(session, merged);
    await session.begin();
    await stage(session, merged, 10_000, 1);
    await loadFirst(session, merged, 10_000);
    await index(session, merged);
    await stage(session, merged, 3, 2);
    const staged = { plan, tables, dedup, rows: 3, areIndexed: true, lookUpRows: 1 };
    const look = () => lookAtStaged(session, "look", staged);
    await session.run("take the place of an index", "drop index public.t_key, public.t_scd_key");
    for (const table of ["t", "t_scd"])
      await session.run("index", `create index on public.${table} (_airbyte_unique_key)`);
    expect(await look()).toMatchObject({ way: "few", foundBy: "hash" });
    await index(session, merged);
    expect(await look()).toMatchObject({ way: "few", foundBy: "value" });
    await session.run("stage a row without key", "insert into pg_temp.stage_t (at) values (3)");
    expect(await look()).toMatchObject({ way: "few", foundBy: "hash", keyless: 1 });
    await session.rollback();
  });
});
