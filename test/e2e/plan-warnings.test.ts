import { randomBytes } from "node:crypto";
import { describe, expect } from "vitest";
import { configured, discover, jsonFile } from "../support/catalogs.ts";
import { type Database, it } from "../support/fixtures.ts";
import { runPipe } from "../support/pipe.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

const T = "create table t (id int primary key, c int not null, old int); create index on t (c);";
const ROWS = "insert into t select n, n, n from generate_series(1, 3) n; analyze t;";

const stream = (mode: "append" | "append_dedup" = "append") => ({
  name: "t",
  namespace: "public",
  sync_mode: "incremental",
  destination_sync_mode: mode,
  cursor_field: "c",
  ...(mode === "append_dedup" && { primary_key: "id" }),
});

const projectOf = (
  folder: string,
  source: Database,
  destination: Database,
  more: { config?: object; mode?: "append_dedup" } = {},
) =>
  Project.create(folder, {
    source,
    destination,
    ...(more.config && { destinationConfig: more.config }),
    connections: { c: { streams: [stream(more.mode)] } },
  });

const planOf = (project: Project) => project.syncline(["plan"]);

describe("plan warns of rows that no sync of a connection brought, and a sync does", () => {
  it("where what was known of the tables is gone", async ({ source, destination, folder }) => {
    await source.exec(T + ROWS);
    const project = await projectOf(folder, source, destination);
    await project.sync();
    const before = await planOf(project);
    await destination.exec("drop schema _syncline cascade");

    const { exitCode, stdout } = await planOf(project);
    const { stderr } = await project.sync();

    const warning =
      "public.t has rows that no sync known to _syncline brought; they stay, and those that are read again are there twice";
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`note: ${warning}`);
    expect(stderr).toContain(warning);
    expect(before.stdout).not.toContain("has rows");
    expect(await destination.rows("select count(*) from t")).toEqual([["6"]]);
  });

  it("where a shell pipe filled the table", async ({ source, destination, folder }) => {
    await source.exec(T + ROWS);
    const sourceFile = await jsonFile(folder, "source.json", source.config);
    const destinationFile = await jsonFile(folder, "destination.json", destination.config);
    const catalog = configured(await discover(sourceFile), ["t"], {
      destination_sync_mode: "append",
    });
    const catalogFile = await jsonFile(folder, "catalog.json", catalog);
    const read = ["read", "--config", sourceFile, "--catalog", catalogFile];
    const write = ["write", "--config", destinationFile, "--catalog", catalogFile];
    succeeded(
      await runPipe([
        ["source-postgres", ...read],
        ["destination-postgres", ...write],
      ]),
    );
    const project = await projectOf(folder, source, destination);

    const { stdout } = await planOf(project);
    const first = await project.sync();
    const second = await project.sync();

    const warning =
      "public.t has rows that a run without a connection brought; they stay, and those that are read again are there twice";
    expect(stdout).toContain(`note: ${warning}`);
    expect(first.stderr).toContain(warning);
    expect(second.stderr).not.toContain("has rows");
    expect(await destination.rows("select count(*) from t")).toEqual([["6"]]);
  });
});

describe("plan refuses a destination that nothing can be written to:", () => {
  it.for([
    [
      "its user may only read",
      "alter role ROLE set default_transaction_read_only = on",
      "are read-only",
    ],
    [
      "its user may create no schema for our tables",
      "select",
      "the schema _syncline does not exist and the configured user may not create it",
    ],
    [
      "its user may create no temporary tables, and rows are merged",
      "grant create on database DATABASE to ROLE; revoke temporary on database DATABASE from public",
      "may not create temporary tables",
    ],
  ] as const)("%s", async ([, script, message], { source, destination, folder }) => {
    await source.exec(T + ROWS);
    const role = `r_${randomBytes(6).toString("hex")}`;
    await destination.exec(`
      create role ${role} login password 'secret'; grant create, usage on schema public to ${role};
      ${script.replaceAll("ROLE", role).replaceAll("DATABASE", destination.config.database)}`);
    try {
      const config = { username: role, password: "secret" };
      const project = await projectOf(folder, source, destination, {
        config,
        mode: "append_dedup",
      });

      const plan = await planOf(project);
      const sync = await project.trySync();

      expect(plan.exitCode).toBe(2);
      expect(plan.stderr).toContain(message);
      expect(sync.exitCode).toBe(2);
    } finally {
      await destination.exec(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });
});

describe("plan says", () => {
  it("how much there is at most behind a position, and what becomes of each column", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(T + ROWS);
    const config = { tables: "final_only", column_types: "native" };
    const project = await projectOf(folder, source, destination, { config });
    const first = await planOf(project);
    await project.sync();
    await source.exec("alter table t alter column old type numeric; alter table t add new text");

    const { stdout } = await planOf(project);

    expect(first.stdout).toContain("public.t: about 3 rows");
    expect(stdout).toContain("public.t: at most about 3 rows");
    expect(stdout).toMatch(/add columns to the tables of t\n +\+ new text\n +\+ alter table/);
    expect(stdout).toMatch(
      /change public\.t\.old from integer to numeric\n +~ old integer → numeric\n +\+ alter table/,
    );
  });

  it.for([
    ["drop table t", "does not exist"],
    ["truncate t", "lost rows or columns since the last sync"],
    [
      "update _syncline.written_table set lacks_rows = true where table_name = 't'",
      "lacks rows that were synced without it",
    ],
  ] as const)(
    "why a table is rebuilt: %s",
    async ([script, why], { source, destination, folder }) => {
      await source.exec(T + ROWS);
      const project = await projectOf(folder, source, destination);
      await project.sync();
      await destination.exec(script);

      const { stdout } = await planOf(project);
      const { log } = await project.sync();

      expect(stdout).toContain(`rebuild public.t from public._airbyte_raw_t, since it ${why}`);
      expect(log).toContain(`public.t ${why}: rebuilding it`);
    },
  );
});
