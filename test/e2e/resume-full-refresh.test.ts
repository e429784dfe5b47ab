import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { type Job, Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { MAY_GO_ON, type Rule, shimmed, STRUCK } from "../support/shim.ts";
import { leftovers } from "../support/tables.ts";
import { rowsFor } from "../support/rows.ts";

/** Enough for some ten states. */
const ROWS = rowsFor(10_000);

const BIG = `
  create table big (id bigint primary key, name text, filler text);
  insert into big select n, 'old', repeat('x', 200) from generate_series(1, ${ROWS}) n;
`;

const SOURCE_DIES: Rule = { on: "stdout", state: 4, when: "after", act: "die" };

interface Interruption {
  readonly mode?: "overwrite" | "append";
  readonly source?: readonly Rule[];
  readonly destination?: readonly Rule[];
  /** What happens at the source between the two attempts. */
  readonly meanwhile?: string;
}

class Scene {
  readonly #source: Database;
  readonly #destination: Database;
  readonly #folder: string;
  #project!: Project;

  constructor(source: Database, destination: Database, folder: string) {
    this.#source = source;
    this.#destination = destination;
    this.#folder = folder;
  }

  async configure({ mode, source, destination, meanwhile }: Interruption): Promise<void> {
    const waitsAfterwards = meanwhile !== undefined;
    this.#project = await Project.create(this.#folder, {
      source: this.#source,
      destination: this.#destination,
      sourceConfig: { checkpoint_target_interval_seconds: 0 },
      ...(source && {
        sourceCommand: await shimmed(this.#folder, "source-postgres", source, { waitsAfterwards }),
      }),
      ...(destination && {
        destinationCommand: await shimmed(this.#folder, "destination-postgres", destination),
      }),
      connections: {
        c: {
          retry: { max_attempts: 2, first_delay_seconds: 0 },
          streams: [
            {
              name: "big",
              namespace: "public",
              sync_mode: "full_refresh",
              destination_sync_mode: mode ?? "overwrite",
            },
          ],
        },
      },
    });
  }

  /** One sync with an interruption in it. Also gives what readers saw of the table meanwhile. */
  async sync(interruption: Interruption): Promise<{ job: Job; seen: Set<string> }> {
    await this.configure(interruption);
    const running = start("syncline", ["sync"], { cwd: this.#folder });
    running.endInput();
    let isRunning = true;
    const finished = running.finished.finally(() => {
      isRunning = false;
    });
    if (interruption.meanwhile !== undefined) {
      await expect
        .poll(() => existsSync(join(this.#folder, STRUCK)), { timeout: 30_000 })
        .toBe(true);
      await this.#source.exec(interruption.meanwhile);
      await writeFile(join(this.#folder, MAY_GO_ON), "");
    }
    const seen = new Set<string>();
    while (isRunning) seen.add(await this.table());
    succeeded(await finished);
    return { job: await this.#project.job(await this.#project.lastJob()), seen };
  }

  /** Runs one sync whose `syncline` a rule kills. */
  async killed(interruption: Interruption): Promise<void> {
    await this.configure(interruption);
    const { signal } = await this.#project.syncline(["sync"]);
    expect(signal).toBe("SIGKILL");
  }

  /** What a reader of the destination finds: how many rows there are, and of which kind. */
  async table(): Promise<string> {
    const [exists] = await this.#destination.rows("select to_regclass('public.big')");
    if (exists![0] === null) return "no table";
    return summary(this.#destination);
  }

  /** The copy has the source's rows, and nothing lies about. */
  async expectCopied(): Promise<void> {
    const rows = "select id, name from big order by id";
    expect(await this.#destination.rows(rows)).toEqual(await this.#source.rows(rows));
    expect(await leftovers(this.#destination)).toEqual([]);
  }
}

async function summary(database: Database): Promise<string> {
  const rows = await database.rows("select name, count(*) from big group by 1 order by 1");
  return rows.map((row) => row.join(" ")).join(", ");
}

/** Records emitted and committed, attempt by attempt. */
function records({ attempts }: Job): { emitted: number; committed: number }[] {
  return attempts.map(({ streams }) => {
    const { emitted, committed } = streams![0]!;
    return { emitted, committed };
  });
}

const codes = ({ attempts }: Job) => attempts.map(({ failures }) => failures?.[0]?.code);

describe("a full refresh that is interrupted", () => {
  it("goes on where it was in the next attempt, and the old table stays until the new one is whole", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(BIG);
    const scene = new Scene(source, destination, folder);
    await scene.sync({});
    await source.exec("update big set name = 'new'");

    const { job, seen } = await scene.sync({ source: [SOURCE_DIES] });

    const [first, second, ...none] = records(job);
    expect(none).toEqual([]);
    expect(first!.committed).toBeGreaterThan(0);
    expect(second!.emitted).toBeGreaterThan(0);
    expect(first!.committed + second!.emitted).toBe(ROWS);
    expect([...seen].filter((one) => one !== `old ${ROWS}` && one !== `new ${ROWS}`)).toEqual([]);
    await scene.expectCopied();
    const raw = "select count(distinct _airbyte_ab_id), count(*) from _airbyte_raw_big";
    expect(await destination.rows(raw)).toEqual([[String(ROWS), String(ROWS)]]);
  });

  it("brings rows inserted meanwhile, wherever they are stored", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(BIG);
    // Room at the front, where the first attempt has been already.
    await source.exec("delete from big where id <= 50");
    await source.exec("vacuum big");
    const scene = new Scene(source, destination, folder);

    const { job } = await scene.sync({
      source: [SOURCE_DIES],
      meanwhile: "insert into big select n, 'late', '' from generate_series(20001, 20100) n",
    });

    const [first, second, ...none] = records(job);
    expect(none).toEqual([]);
    expect(first!.committed).toBeGreaterThan(0);
    expect(first!.committed + second!.emitted).toBe(ROWS - 50 + 100);
    await scene.expectCopied();
  });

  it.for([
    ["updated", "update big set name = 'changed' where id <= 10"],
    ["deleted", "delete from big where id <= 10"],
    ["rewritten", "vacuum full big"],
  ] as const)(
    "starts again at once when rows it had delivered were %s meanwhile",
    async ([, meanwhile], { source, destination, folder }) => {
      await source.exec(BIG);
      const scene = new Scene(source, destination, folder);

      const { job } = await scene.sync({ source: [SOURCE_DIES], meanwhile });

      expect(codes(job)).toEqual(["connector.exited", "state.superseded", undefined]);
      const [rows] = await source.rows("select count(*) from big");
      expect(records(job).at(-1)!.emitted).toBe(Number(rows![0]));
      await scene.expectCopied();
    },
  );

  it.for([
    ["got a column with a default", "alter table big add column extra int default 7"],
    ["lost a column", "alter table big drop column filler"],
    ["renamed a column", "alter table big rename column filler to stuffing"],
  ] as const)(
    "gives the whole table in its new shape when it %s meanwhile",
    async ([, meanwhile], { source, destination, folder }) => {
      await source.exec(BIG);
      const scene = new Scene(source, destination, folder);

      await scene.sync({ source: [SOURCE_DIES], meanwhile });

      const names = await source.rows(
        "select string_agg(quote_ident(column_name), ', ') from information_schema.columns where table_name = 'big'",
      );
      const rows = `select ${names[0]![0]} from big order by id`;
      expect(await destination.rows(rows)).toEqual(await source.rows(rows));
      await scene.expectCopied();
    },
  );

  it("goes on where the destination was when it is the destination that dies", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(BIG);
    const scene = new Scene(source, destination, folder);

    const { job } = await scene.sync({
      source: [{ on: "stdout", state: 4, when: "after", act: "wait", file: STRUCK }],
      destination: [{ on: "stdout", state: 2, when: "after", act: "die" }],
    });

    const [first, second, ...none] = records(job);
    expect(none).toEqual([]);
    expect(first!.committed).toBeGreaterThan(0);
    expect(second!.emitted).toBeLessThan(ROWS);
    await scene.expectCopied();
  });

  it("starts again in the next sync when syncline is killed", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(BIG);
    const scene = new Scene(source, destination, folder);
    await scene.sync({});
    await source.exec("update big set name = 'new'");

    await scene.killed({
      source: [{ on: "stdout", state: 4, when: "after", act: "wait", file: STRUCK }],
      destination: [{ on: "stdout", state: 2, when: "after", act: "kill-parent" }],
    });
    expect(await scene.table()).toBe(`old ${ROWS}`);
    const { job } = await scene.sync({});

    expect(records(job)).toEqual([{ emitted: ROWS, committed: ROWS }]);
    await scene.expectCopied();
  });

  it("appends every row once, also rows inserted meanwhile", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(BIG);
    const scene = new Scene(source, destination, folder);

    const { job } = await scene.sync({
      mode: "append",
      source: [SOURCE_DIES],
      meanwhile: "insert into big select n, 'late', '' from generate_series(20001, 20100) n",
    });

    const [first, second, ...none] = records(job);
    expect(none).toEqual([]);
    expect(first!.committed).toBeGreaterThan(0);
    expect(first!.committed + second!.emitted).toBe(ROWS + 100);
    await scene.expectCopied();
  });

  it("appends the rest with a warning when rows it had delivered were updated meanwhile", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(BIG);
    const scene = new Scene(source, destination, folder);

    const { job } = await scene.sync({
      mode: "append",
      source: [SOURCE_DIES],
      meanwhile: "update big set name = 'changed' where id <= 10",
    });

    const [first, second, ...none] = records(job);
    expect(none).toEqual([]);
    expect(first!.committed + second!.emitted).toBe(ROWS + 10);
    expect(await summary(destination)).toBe(`changed 10, old ${ROWS}`);
    expect(await leftovers(destination)).toEqual([]);
  });
});
