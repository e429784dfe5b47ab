import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { readState } from "../../orchestrator/store/state-file.ts";
import { type Database, it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project, type ProjectOptions } from "../support/project.ts";
import { type Action, type Decide, startProxy } from "../support/proxy.ts";
import { type Finished, type Running, start } from "../support/run.ts";
import { type Rule, shimmed, STRUCK } from "../support/shim.ts";
import { leftovers } from "../support/tables.ts";
import { rowsFor } from "../support/rows.ts";

const PUBLIC = { namespace: "public" };
const INCREMENTAL = { ...PUBLIC, sync_mode: "incremental", cursor_field: "version" };
const STREAMS = [
  { ...INCREMENTAL, name: "appended", destination_sync_mode: "append" },
  {
    ...INCREMENTAL,
    name: "deduped",
    destination_sync_mode: "append_dedup",
    primary_key: ["id"],
  },
  { ...PUBLIC, name: "replaced", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
];
const TABLES = STREAMS.map(({ name }) => name);

/** Enough for several states within a first load. */
const ROWS = rowsFor(3000);

const SCHEMA = TABLES.map(
  (table) => `
    create table ${table} (id bigint primary key, version bigint not null, filler text);
    create index on ${table} (version);
    insert into ${table} select n, n, repeat('x', 200) from generate_series(1, ${ROWS}) n;`,
).join("\n");

/** Half the rows get a new version, some go, some come: every mode has something to do. */
const CHANGES = TABLES.map(
  (table) => `
    update ${table} set version = version + 10000 where id % 2 = 0;
    delete from ${table} where id % 7 = 0;
    insert into ${table} select n, n, repeat('y', 200) from generate_series(20001, 21000) n;`,
).join("\n");

interface Stage {
  readonly source?: readonly Rule[];
  readonly destination?: readonly Rule[];
  /** Kills a process when the destination commits, before the server hears of it or after. */
  readonly commit?: { readonly when: "before" | "after"; readonly victim: Victim };
}

type Victim = "destination" | "syncline";

/** A file by which the two shims of a sync wait for each other. */
const REACHED = "reached";

/** The source goes on after its second state only when the destination has given that back. */
const MEANWHILE: Stage = {
  source: [{ on: "stdout", state: 2, when: "after", act: "wait", file: REACHED }],
  destination: [{ on: "stdout", state: 2, when: "after", act: "tell", file: REACHED }],
};

const afterSecondIsSaved = (stage: Stage): Stage => ({
  ...stage,
  source: [...MEANWHILE.source!, ...(stage.source ?? [])],
  destination: [...MEANWHILE.destination!, ...(stage.destination ?? [])],
});

const COMMIT_KILLS = (["destination", "syncline"] as const).flatMap((victim) =>
  (["before", "after"] as const).map((when): readonly [string, Stage] => [
    `${victim === "syncline" ? "" : "the "}${victim} ${when} the COMMIT`,
    { commit: { when, victim } },
  ]),
);

const KILLS: readonly (readonly [string, Stage])[] = [
  [
    "the source before it prints a state",
    afterSecondIsSaved({ source: [{ on: "stdout", state: 4, when: "before", act: "die" }] }),
  ],
  [
    "the source after it printed a state",
    afterSecondIsSaved({ source: [{ on: "stdout", state: 4, when: "after", act: "die" }] }),
  ],
  [
    "the source before the first state of the table to be replaced",
    { source: [{ on: "stdout", state: "replaced", when: "before", act: "die" }] },
  ],
  [
    "the destination before it gets a state",
    afterSecondIsSaved({ destination: [{ on: "stdin", state: 4, when: "before", act: "die" }] }),
  ],
  [
    "the destination after it got a state",
    afterSecondIsSaved({ destination: [{ on: "stdin", state: 4, when: "after", act: "die" }] }),
  ],
  [
    "the destination before it prints a state",
    { destination: [{ on: "stdout", state: 2, when: "before", act: "die" }] },
  ],
  [
    "the destination after it printed a state",
    { destination: [{ on: "stdout", state: 2, when: "after", act: "die" }] },
  ],
  [
    "the destination after it printed a state of the table to be replaced",
    { destination: [{ on: "stdout", state: "replaced", when: "after", act: "die" }] },
  ],
  [
    "syncline before a state reaches the destination",
    afterSecondIsSaved({
      destination: [{ on: "stdin", state: 4, when: "before", act: "kill-parent" }],
    }),
  ],
  [
    "syncline after a state reached the destination",
    afterSecondIsSaved({
      destination: [{ on: "stdin", state: 4, when: "after", act: "kill-parent" }],
    }),
  ],
  [
    "syncline before a state comes back",
    { destination: [{ on: "stdout", state: 2, when: "before", act: "kill-parent" }] },
  ],
  [
    "syncline after a state came back",
    { destination: [{ on: "stdout", state: 2, when: "after", act: "kill-parent" }] },
  ],
  ...COMMIT_KILLS,
];

/** Those that meet other code in a read from the cursor, and in a table that has rows. */
const IN_LATER_SYNCS = new Set([
  "the source after it printed a state",
  "the source before the first state of the table to be replaced",
  "the destination after it printed a state",
  "the destination before the COMMIT",
  "the destination after the COMMIT",
  "syncline before a state comes back",
]);

class Scene {
  readonly #source: Database;
  readonly #destination: Database;
  readonly #folder: string;
  project!: Project;

  constructor(source: Database, destination: Database, folder: string) {
    this.#source = source;
    this.#destination = destination;
    this.#folder = folder;
  }

  /** The sync in which something is killed; resolves when all its processes are gone. */
  async killed({ source = [], destination = [], commit }: Stage): Promise<Finished> {
    let running: Running | undefined;
    const strike = (): Action => {
      for (const pid of victims(running!.pid, commit!.victim)) process.kill(pid, "SIGKILL");
      // A COMMIT that the proxy holds is one that its sender never sent, if that is dead.
      return commit!.victim === "destination" ? "reset" : "pass";
    };
    const proxy = await startProxy(
      this.#destination.config,
      commit ? onCommitOfRows(commit.when, strike) : undefined,
    );
    try {
      await this.configure({
        sourceCommand: await shimmed(this.#folder, "source-postgres", source),
        destinationCommand: await shimmed(this.#folder, "destination-postgres", destination),
        destinationConfig: { host: proxy.host, port: proxy.port },
      });
      running = start("syncline", ["sync"], { cwd: this.#folder });
      running.endInput();
      const finished = await running.finished;
      for (const database of [this.#source, this.#destination])
        await expect.poll(() => sessions(database), { timeout: 30_000 }).toEqual([]);
      expect(commit !== undefined || existsSync(join(this.#folder, STRUCK))).toBe(true);
      return finished;
    } finally {
      await proxy.close();
    }
  }

  async configure(options: Partial<ProjectOptions> = {}): Promise<void> {
    this.project = await Project.create(this.#folder, {
      source: this.#source,
      destination: this.#destination,
      connections: { c: { streams: STREAMS } },
      ...options,
      sourceConfig: { checkpoint_target_interval_seconds: 0 },
    });
  }

  /** Every row that a saved state says is delivered is in the destination. */
  async expectStateNotAhead(): Promise<void> {
    const state = readState(join(this.#folder, ".syncline/state/c.json"), "c");
    for (const { stream, blob } of state.streams.values()) {
      if (blob === undefined || stream.name === "replaced") continue;
      const { ctid, cursor } = JSON.parse(String(blob)) as { ctid?: string; cursor?: string };
      const covered = ctid === undefined ? `version <= ${cursor}` : `ctid <= '${ctid}'`;
      const delivered = await this.#source.rows(
        `select version from ${stream.name} where ${covered}`,
      );
      const arrived = new Set(
        (
          await this.#destination.rows(
            `select _airbyte_data ->> 'version' from _airbyte_raw_${stream.name}`,
          )
        ).flat(),
      );
      expect(delivered.flat().filter((version) => !arrived.has(version))).toEqual([]);
    }
  }

  /** Appended is exactly `versions`, the others are the source; nothing is left behind. */
  async expectAllIsThere(versions: readonly (readonly (string | null)[])[]): Promise<void> {
    const list = (table: string) => `select id, version from ${table} order by id, version`;
    expect(await this.#destination.rows(list("appended"))).toEqual(versions);
    const deduped = await this.#destination.rows(list("deduped"));
    const current = await this.#source.rows(list("deduped"));
    const isThere = new Set(current.map(([id]) => id));
    // A cursor does not see deletions.
    expect(deduped.filter(([id]) => isThere.has(id))).toEqual(current);
    expect(new Set(deduped.map(([id]) => id)).size).toBe(deduped.length);
    expect(await this.#destination.rows(list("replaced"))).toEqual(
      await this.#source.rows(list("replaced")),
    );
    const raw = "select count(*), count(distinct _airbyte_data ->> 'version') from";
    for (const table of ["appended", "deduped"])
      expect(await this.#destination.rows(`${raw} _airbyte_raw_${table}`)).toEqual([
        [String(versions.length), String(versions.length)],
      ]);
    expect(await leftovers(this.#destination)).toEqual([]);
  }
}

function victims(syncline: number, victim: Victim): number[] {
  return victim === "syncline" ? [syncline] : descendants(syncline, `${victim}-postgres/bin.js`);
}

/** Acts once, on the first commit of a transaction that loaded rows. */
function onCommitOfRows(when: "before" | "after", act: () => Action): Decide {
  const loading = new Set<number>();
  let isAsked: number | undefined;
  let isOver = false;
  return ({ from, type, text, connection }) => {
    if (isOver) return "pass";
    if (from === "client" && type === "d") loading.add(connection);
    if (from === "client" && type === "Q" && /^\s*commit/i.test(text) && loading.has(connection))
      isAsked = connection;
    if (isAsked !== connection) return "pass";
    if (when === "after" && !(from === "server" && type === "C" && text === "COMMIT"))
      return "pass";
    isOver = true;
    return act();
  };
}

async function rowsOf(source: Database): Promise<(string | null)[][]> {
  return source.rows("select id, version from appended order by id, version");
}

async function sessions(database: Database): Promise<(string | null)[][]> {
  return database.rows(`
    select application_name from pg_stat_activity
    where datname = current_database() and application_name like 'syncline %'`);
}

/** @guarantee added-once */
describe("kill -9 of", () => {
  it.for(KILLS)(
    "%s, in a first load: the state is not ahead, and the next sync makes all exact",
    async ([, stage], { source, destination, folder }) => {
      await source.exec(SCHEMA);
      const scene = new Scene(source, destination, folder);

      await scene.killed(stage);

      await scene.expectStateNotAhead();
      await scene.configure();
      await scene.project.sync();
      await scene.expectAllIsThere(await rowsOf(source));
    },
  );

  it.for(KILLS.filter(([name]) => IN_LATER_SYNCS.has(name)))(
    "%s, in a later sync: the state is not ahead, and the next sync makes all exact",
    async ([, stage], { source, destination, folder }) => {
      await source.exec(SCHEMA);
      const scene = new Scene(source, destination, folder);
      await scene.configure();
      await scene.project.sync();
      const before = await rowsOf(source);
      await source.exec(CHANGES);

      await scene.killed(stage);

      await scene.expectStateNotAhead();
      await scene.configure();
      await scene.project.sync();
      const all = [...before, ...(await rowsOf(source))].map(([id, version]) => `${id} ${version}`);
      const once = [...new Set(all)].map((row) => row.split(" "));
      await scene.expectAllIsThere(
        once.sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1])),
      );
    },
  );
});
