/** @guarantee added-once */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { type Rule, shimmed } from "../support/shim.ts";

const ROWS = 3000;

const stream = (name: string, mode: string) => ({
  name,
  namespace: "public",
  sync_mode: "full_refresh",
  destination_sync_mode: mode,
  ...(mode === "append_dedup" && { primary_key: "id" }),
});

const fill = (source: Database, ...tables: string[]) =>
  source.exec(
    tables
      .map(
        (table) =>
          `create table ${table} (id int primary key, filler text);
           insert into ${table} select n, repeat('x', 200) from generate_series(1, ${ROWS}) n;`,
      )
      .join("\n"),
  );

/** Rows, and different ones among them. */
const counted = async (destination: Database, table: string, key = "id") => {
  const [row] = await destination.rows(`select count(*), count(distinct ${key}) from ${table}`);
  return row!.map(Number);
};

const rawKey = "_airbyte_data->>'id'";

interface Setting {
  readonly source: Database;
  readonly destination: Database;
  readonly streams: readonly object[];
  readonly rules?: { readonly source?: readonly Rule[]; readonly destination?: readonly Rule[] };
  readonly sourceConfig?: object;
  readonly destinationConfig?: object;
  readonly attempts?: number;
}

async function configured(folder: string, setting: Setting): Promise<Project> {
  const { source, destination, sourceConfig, destinationConfig } = setting;
  const { streams, rules, attempts = 2 } = setting;
  return Project.create(folder, {
    source,
    destination,
    ...(sourceConfig && { sourceConfig }),
    ...(destinationConfig && { destinationConfig }),
    ...(rules?.source && {
      sourceCommand: await shimmed(folder, "source-postgres", rules.source),
    }),
    ...(rules?.destination && {
      destinationCommand: await shimmed(folder, "destination-postgres", rules.destination),
    }),
    connections: {
      c: { retry: { max_attempts: attempts, first_delay_seconds: 0 }, streams },
    },
  });
}

describe("a full refresh whose source is cut off between its last row and COMPLETE", () => {
  it.for([
    ["overwrite", "raw_and_final", false],
    ["append", "raw_and_final", false],
    ["append", "raw_only", false],
    ["append", "final_only", false],
    ["append_dedup", "raw_and_final", false],
    ["append_dedup", "raw_and_final", true],
  ] as const)(
    "brings every row once: %s, %s, history %s",
    async ([mode, tables, history], { source, destination, folder }) => {
      await fill(source, "t");
      const project = await configured(folder, {
        source,
        destination,
        streams: [stream("t", mode)],
        destinationConfig: { tables, history },
        rules: { source: [{ on: "stdout", state: 1, when: "after", act: "die" }] },
      });

      succeeded(await project.trySync());

      if (tables !== "raw_only") expect(await counted(destination, "t")).toEqual([ROWS, ROWS]);
      if (tables !== "final_only")
        expect(await counted(destination, "_airbyte_raw_t", rawKey)).toEqual([ROWS, ROWS]);
      if (history) expect(await counted(destination, "t_scd")).toEqual([ROWS, ROWS]);
    },
  );
});

describe("three full refreshes that add their rows", () => {
  it.for(["append", "append_dedup"])(
    "are each added once, whichever of them the source dies in: %s",
    async (mode, { source, destination, folder }) => {
      await fill(source, "a", "b", "c");
      const project = await configured(folder, {
        source,
        destination,
        streams: ["a", "b", "c"].map((name) => stream(name, mode)),
        rules: { source: [{ on: "stdout", state: "b", when: "before", act: "die" }] },
      });

      succeeded(await project.trySync());

      for (const table of ["a", "b", "c"]) {
        expect(await counted(destination, table)).toEqual([ROWS, ROWS]);
        expect(await counted(destination, `_airbyte_raw_${table}`, rawKey)).toEqual([ROWS, ROWS]);
      }
    },
  );
});

describe("a full refresh that adds its rows and is interrupted with its job", () => {
  const GO_ON = "go-on";
  const COMMITTED = "committed";

  const interrupted = async (
    signal: "SIGTERM" | "SIGKILL",
    table: string,
    { source, destination }: Pick<Setting, "source" | "destination">,
    folder: string,
  ) => {
    const rules = {
      source: [{ on: "stdout", state: 6, when: "before", act: "wait", file: GO_ON }],
      destination: [{ on: "stdout", state: 2, when: "after", act: "tell", file: COMMITTED }],
    } as const;
    await configured(folder, {
      source,
      destination,
      streams: [stream(table, "append")],
      sourceConfig: { checkpoint_target_interval_seconds: 0 },
      rules,
      attempts: 1,
    });
    const running = start("syncline", ["sync"], {
      cwd: folder,
      limits: { commitMs: 1, sourceBlockBytes: 10_000 },
    });
    running.endInput();
    await expect.poll(() => existsSync(join(folder, COMMITTED)), { timeout: 30_000 }).toBe(true);
    running.kill(signal);
    if (signal === "SIGTERM") await writeFile(join(folder, GO_ON), "");
    await running.finished;
    await writeFile(join(folder, GO_ON), "");
  };

  it.for([
    ["SIGTERM", "kept"],
    ["SIGKILL", "kept"],
    ["SIGKILL", "lost"],
  ] as const)(
    "is finished by the next sync, and not topped up: %s, the orchestrator's files %s",
    async ([signal, files], { source, destination, folder }) => {
      await source.exec(`
        create table t (id int primary key, filler text);
        insert into t select n, repeat('x', 200) from generate_series(1, ${4 * ROWS}) n`);
      await interrupted(signal, "t", { source, destination }, folder);
      if (files === "lost") await rm(join(folder, ".syncline"), { recursive: true });
      const project = await configured(folder, {
        source,
        destination,
        streams: [stream("t", "append")],
      });

      succeeded(await project.trySync());

      expect(await counted(destination, "t")).toEqual([4 * ROWS, 4 * ROWS]);
      succeeded(await project.trySync());
      expect(await counted(destination, "t")).toEqual([8 * ROWS, 4 * ROWS]);
    },
  );

  it("has left nothing where its source cannot go on, as from a view", async ({
    source,
    destination,
    folder,
  }) => {
    await fill(source, "t");
    await source.exec("create view v as select * from t");
    const options = { source, destination, streams: [stream("v", "append")] };
    const project = await configured(folder, {
      ...options,
      rules: { source: [{ on: "stdout", state: 1, when: "after", act: "die" }] },
      attempts: 1,
    });
    expect((await project.trySync()).exitCode).toBe(1);
    await configured(folder, options);

    succeeded(await project.trySync());

    expect(await counted(destination, "v")).toEqual([ROWS, ROWS]);
  });
});
