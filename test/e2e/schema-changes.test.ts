import { afterAll, beforeAll, describe, expect } from "vitest";
import { createDatabase } from "../support/database.ts";
import { type Database, it as shared } from "../support/fixtures.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { Project } from "../support/project.ts";
import { columns, leftovers, relations } from "../support/tables.ts";

/** A server of its own: where others write while a table is rewritten, rows are repeated. */
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: "off" } });
});

afterAll(() => server.stop("immediate"));

const it = shared.extend<{ source: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  source: async ({}, use) => {
    const { database, drop } = await createDatabase(server.url());
    await use(database);
    await drop();
  },
});

const POLICIES = ["propagate", "propagate_columns", "ignore", "pause"] as const;

/** A connection that adds new rows of every table, told by `id`. */
const added = (policy: string) => ({
  schema_changes: policy,
  streams: [
    {
      name: "*",
      namespace: "public",
      sync_mode: "incremental",
      destination_sync_mode: "append",
      cursor_field: "id",
    },
  ],
});

const BEFORE = `
  create table grown (id int, a text);
  create table shrunk (id int, a text, b text);
  create table renamed (id int, a text);
  create table widened (id int, n int);
  create table retyped (id int, n int);
  create table gone (id int, a text);
  insert into grown values (1, 'old');
  insert into shrunk values (1, 'old', 'kept');
  insert into renamed values (1, 'old');
  insert into widened values (1, 7);
  insert into retyped values (1, 7);
  insert into gone values (1, 'old');
`;

const CHANGE = `
  alter table grown add column extra int;
  alter table shrunk drop column b;
  alter table renamed rename column a to z;
  alter table widened alter column n type numeric;
  alter table retyped alter column n type boolean using n > 0;
  drop table gone;
  create table fresh (id int, a text);
  insert into grown values (2, 'new', 5);
  insert into shrunk values (2, 'new');
  insert into renamed values (2, 'new');
  insert into widened values (2, 7.5);
  insert into retyped values (2, true);
  insert into fresh values (1, 'new');
`;

/** What a table holds, its own columns left out. */
async function rowsOf(destination: Database, table: string): Promise<unknown[]> {
  const rows = await destination.rows(
    `select to_jsonb(t) - '_airbyte_ab_id' - '_airbyte_emitted_at' - '_airbyte_normalized_at'
              - '_airbyte_meta' from ${table} t order by id`,
  );
  return rows.map(([row]) => JSON.parse(row!) as unknown);
}

/** The fields of a table's rows that became NULL. */
async function nulled(destination: Database, table: string): Promise<unknown[]> {
  const rows = await destination.rows(
    `select id, c->>'field' from ${table}, jsonb_array_elements(_airbyte_meta->'changes') c`,
  );
  return rows;
}

async function changed(source: Database, destination: Database, folder: string, policy: string) {
  await source.exec(BEFORE);
  const connections = { shop: added(policy) };
  const project = await Project.create(folder, { source, destination, connections });
  await project.sync("shop");
  await source.exec(CHANGE);
  return { project, sync: await project.trySync("shop") };
}

describe("a source that changes between two syncs", () => {
  it("is followed under `propagate`, and no old value is lost", async ({
    source,
    destination,
    folder,
  }) => {
    const { project, sync } = await changed(source, destination, folder, "propagate");

    expect(sync.exitCode, sync.log).toBe(0);
    expect(await rowsOf(destination, "grown")).toEqual([
      { id: 1, a: "old", extra: null },
      { id: 2, a: "new", extra: 5 },
    ]);
    expect(await rowsOf(destination, "shrunk")).toEqual([
      { id: 1, a: "old", b: "kept" },
      { id: 2, a: "new", b: null },
    ]);
    expect(await rowsOf(destination, "renamed")).toEqual([
      { id: 1, a: "old", z: null },
      { id: 2, a: null, z: "new" },
    ]);
    expect(await columns(destination, "widened")).toContain("n numeric");
    expect(await rowsOf(destination, "widened")).toEqual([
      { id: 1, n: 7 },
      { id: 2, n: 7.5 },
    ]);
    expect(await columns(destination, "retyped")).toContain("n bigint");
    expect(await rowsOf(destination, "retyped")).toEqual([
      { id: 1, n: 7 },
      { id: 2, n: null },
    ]);
    expect(await nulled(destination, "retyped")).toEqual([["2", "n"]]);
    expect(sync.log).toContain("keeping the type of public.retyped.n from bigint to boolean");
    expect(await rowsOf(destination, "gone")).toEqual([{ id: 1, a: "old" }]);
    expect(await rowsOf(destination, "fresh")).toEqual([{ id: 1, a: "new" }]);
    expect(await leftovers(destination)).toEqual([]);
    await source.exec("insert into grown values (3, 'later', 6)");
    await project.sync("shop");
    expect((await rowsOf(destination, "grown")).length).toBe(3);
  });

  it("is followed but for new streams under `propagate_columns`", async ({
    source,
    destination,
    folder,
  }) => {
    const { sync } = await changed(source, destination, folder, "propagate_columns");

    expect(sync.exitCode, sync.log).toBe(0);
    expect(await relations(destination)).not.toContain("fresh");
    expect(await rowsOf(destination, "grown")).toContainEqual({ id: 2, a: "new", extra: 5 });
    expect(await rowsOf(destination, "renamed")).toContainEqual({ id: 2, a: null, z: "new" });
    expect(await rowsOf(destination, "gone")).toEqual([{ id: 1, a: "old" }]);
  });

  it("goes on under its old schema under `ignore`", async ({ source, destination, folder }) => {
    const { sync } = await changed(source, destination, folder, "ignore");

    expect(sync.exitCode, sync.log).toBe(0);
    expect(await relations(destination)).not.toContain("fresh");
    expect(await rowsOf(destination, "grown")).toEqual([
      { id: 1, a: "old" },
      { id: 2, a: "new" },
    ]);
    expect(await rowsOf(destination, "shrunk")).toContainEqual({ id: 2, a: "new", b: null });
    expect(await rowsOf(destination, "renamed")).toContainEqual({ id: 2, a: null });
    expect(sync.log).toContain("+ public.grown.extra: column added");
  });

  it("stops the connection under `pause`, until its changes are accepted", async ({
    source,
    destination,
    folder,
  }) => {
    const { project, sync } = await changed(source, destination, folder, "pause");

    expect(sync.exitCode).toBe(2);
    expect(await rowsOf(destination, "grown")).toEqual([{ id: 1, a: "old" }]);
    expect(await relations(destination)).not.toContain("fresh");

    const accepted = await project.syncline(["sync", "shop", "--accept-changes"]);

    expect(accepted.exitCode, accepted.stderr).toBe(0);
    expect(await rowsOf(destination, "grown")).toContainEqual({ id: 2, a: "new", extra: 5 });
    expect(await rowsOf(destination, "fresh")).toEqual([{ id: 1, a: "new" }]);
  });

  it.for(POLICIES)(
    "pauses under `%s`, too, when a cursor or a key is gone",
    async (policy, { source, destination, folder }) => {
      await source.exec(`
      create table by_cursor (id int primary key, at int);
      create table by_key (id int primary key, at int);
      insert into by_cursor values (1, 1);
      insert into by_key values (1, 1);
    `);
      const stream = (name: string) => ({
        name,
        sync_mode: "incremental",
        destination_sync_mode: "append_dedup",
        cursor_field: "at",
        primary_key: ["id"],
      });
      const connections = {
        a: { schema_changes: policy, streams: [stream("by_cursor")] },
        b: { schema_changes: policy, streams: [stream("by_key")] },
      };
      const project = await Project.create(folder, { source, destination, connections });
      await project.sync("a");
      await project.sync("b");
      await source.exec(`
      alter table by_cursor drop column at; insert into by_cursor values (2);
      alter table by_key drop column id; insert into by_key values (2);
    `);

      const cursor = await project.trySync("a");
      const key = await project.trySync("b");

      expect([cursor.exitCode, key.exitCode]).toEqual([2, 2]);
      expect(cursor.stderr + cursor.stdout).toMatch(/by_cursor.*\bat\b/s);
      expect(key.stderr + key.stdout).toMatch(/by_key.*\bid\b/s);
      expect(await destination.rows("select id from by_cursor")).toEqual([["1"]]);
      expect(await destination.rows("select id from by_key")).toEqual([["1"]]);
    },
  );
});

/** @guarantee users-own-stays */
describe("what a user hangs on a table", () => {
  it.for([
    ["append", { sync_mode: "incremental", cursor_field: "id", destination_sync_mode: "append" }],
    [
      "append_dedup",
      {
        sync_mode: "incremental",
        cursor_field: "at",
        primary_key: ["id"],
        destination_sync_mode: "append_dedup",
      },
    ],
    ["overwrite", { sync_mode: "full_refresh", destination_sync_mode: "overwrite" }],
  ] as const)(
    "survives a change of the source under %s",
    async ([, mode], { source, destination, folder }) => {
      await source.exec(`
      create table t (id int, at int, a text, n int);
      insert into t values (1, 1, 'one', 7);
    `);
      const connections = { shop: { streams: [{ name: "t", ...mode }] } };
      const project = await Project.create(folder, { source, destination, connections });
      await project.sync("shop");
      await destination.exec(`
      alter table t add column mine int default 5;
      create index t_mine on t (mine);
      create view seen as select id, a, n from t;
      grant select on t to public;
      create table audit (id bigint);
      create function note() returns trigger language plpgsql as
        $$ begin insert into public.audit values (new.id); return new; end $$;
      create trigger note after insert on t for each row execute function note();
    `);
      await source.exec(`
      alter table t add column extra text;
      alter table t drop column a;
      alter table t alter column n type boolean using n > 0;
      insert into t values (2, 2, true, 'x');
    `);

      const sync = await project.trySync("shop");

      expect(sync.exitCode, sync.log).toBe(0);
      expect(await destination.rows("select id, extra, mine from t where id = 2")).toEqual([
        ["2", "x", "5"],
      ]);
      expect(await destination.rows("select id, a from seen where id = 2")).toEqual([["2", null]]);
      expect(await destination.rows("select distinct id from audit where id = 2")).toEqual([["2"]]);
      expect(await destination.rows("select has_table_privilege('public', 't', 'select')")).toEqual(
        [["t"]],
      );
      expect(
        await destination.rows("select indexname from pg_indexes where indexname = 't_mine'"),
      ).toEqual([["t_mine"]]);
      expect(await leftovers(destination)).toEqual([]);
    },
  );
});

describe("a column that the source's user may not select any more", () => {
  it.for([
    ...POLICIES.map((policy) => [policy, { sync_mode: "full_refresh" }] as const),
    ["propagate", { sync_mode: "incremental", cursor_field: "id" }],
    [
      "ignore",
      { sync_mode: "incremental", destination_sync_mode: "append_dedup", cursor_field: "id" },
    ],
  ] as const)(
    "fails its stream under `%s`, as %o, until it may be read or is left out",
    async ([policy, mode], { source, destination, folder }) => {
      const user = `limited_${source.config.database}`;
      await source.exec(`create table t (id int primary key, secret text not null, a text);
        create table other (id int primary key, a text);
        insert into t values (1, 'kept', 'old'), (2, 'kept too', 'old');
        insert into other values (1, 'old');
        create role ${user} login password 'limited'; grant select on t, other to ${user}`);
      const sourceConfig = { username: user, password: "limited" };
      const connections = {
        shop: { schema_changes: policy, streams: [{ name: "other" }, { name: "t", ...mode }] },
      };
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig,
        connections,
      });
      await project.sync("shop");
      const before = await rowsOf(destination, "t");
      await source.exec(`revoke select on t from ${user}; grant select (id, a) on t to ${user};
        insert into t values (3, 'kept as well', 'new'); insert into other values (2, 'new')`);

      const withheld = await project.trySync("shop");
      const after = await rowsOf(destination, "t");
      const others = await rowsOf(destination, "other");
      const again = await project.trySync("shop");
      await source.exec(`grant select on t to ${user}`);
      await project.sync("shop");
      const granted = await rowsOf(destination, "t");
      await source.exec(`drop owned by ${user}; drop role ${user}`);

      expect([withheld.exitCode, again.exitCode]).toEqual([3, 3]);
      expect(withheld.stderr).toMatch(/may not select column secret of public\.t/);
      expect(after).toEqual(before);
      expect(others).toHaveLength(2);
      const row = { id: 3, secret: "kept as well", a: "new" };
      expect(granted).toContainEqual(expect.objectContaining(row));
      expect(granted.every((row) => (row as { secret: unknown }).secret !== null)).toBe(true);
    },
  );

  it("is left out by `fields`, and was no reason to fail where it never could be read", async ({
    source,
    destination,
    folder,
  }) => {
    const user = `limited_${source.config.database}`;
    await source.exec(`create table t (id int primary key, secret text, a text);
      insert into t values (1, 'never', 'old');
      create role ${user} login password 'limited'; grant select (id, a) on t to ${user}`);
    const options = (fields?: string[]) => ({
      source,
      destination,
      sourceConfig: { username: user, password: "limited" },
      connections: { shop: { streams: [{ name: "t", ...(fields && { fields }) }] } },
    });
    const project = await Project.create(folder, options());
    await project.sync("shop");
    const never = await rowsOf(destination, "t");
    await source.exec(`grant select on t to ${user}`);
    await project.sync("shop");
    await source.exec(`revoke select on t from ${user}; grant select (id, a) on t to ${user};
      insert into t values (2, 'never again', 'new')`);
    await project.configure(options(["id", "a"]));
    await project.sync("shop");
    await source.exec(`drop owned by ${user}; drop role ${user}`);

    expect(never).toEqual([{ id: 1, a: "old" }]);
    expect(await rowsOf(destination, "t")).toEqual([
      expect.objectContaining({ id: 1, a: "old" }),
      expect.objectContaining({ id: 2, a: "new" }),
    ]);
  });
});
