import { describe, expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { startProxy } from "../../support/proxy.ts";
import {
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  startWrite,
  state,
  stream,
  text,
  write,
  type StreamSpec,
} from "./drive.ts";

/** Batches of some ten rows, each large enough for a second session. */
const env = {
  SYNCLINE_CONNECTION_ID: "shop",
  SYNCLINE_LIMITS: JSON.stringify({ batchBytes: 1_000, sideBatchBytes: 1, commitBytes: 5_000 }),
};
const append = stream({ properties: { id: INTEGER }, incremental: true, cursor: "id" });

const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => record("demo", { id: from + n }));

/** Rows, and the STATE behind them. */
const covered = (from: number, to: number) => [
  ...rows(from, to),
  state("demo", { at: to }, to - from + 1),
];

const MODES: readonly (readonly [string, Partial<StreamSpec>])[] = [
  ["append", {}],
  ["overwrite", { mode: "overwrite", incremental: false }],
  ["overwrite, resumed", { mode: "overwrite", resumable: true, generation: 1, minimum: 1 }],
  ["dedup with history", { mode: "append_dedup", key: ["id"] }],
];

describe("raw rows that are loaded beside the typed ones", () => {
  it.for(MODES)("arrive once and in their order: %s", async ([, spec], { destination, folder }) => {
    const given = stream({ ...append, ...spec });
    const lines = [...covered(1, 300), ...covered(301, 700), ...rows(701, 1_000)];

    const { run, sessions } = await writeWatched(destination, folder, given, [
      ...lines,
      complete("demo"),
    ]);

    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(sessions.size).toBe(2);
    expect(await rawIds(destination)).toEqual(upTo(1_000));
    expect(await finalIds(destination)).toEqual(upTo(1_000));
    expect(await leftovers(destination)).toEqual([]);
  });

  it("are taken back with the typed ones when no STATE covers them", async ({
    destination,
    folder,
  }) => {
    const limits = { batchBytes: 1_000, sideBatchBytes: 1 }; // so that all is one transaction

    const run = await write(
      destination,
      folder,
      [append],
      [...covered(1, 1_000), ...rows(1_001, 4_000)],
      { env: { ...env, SYNCLINE_LIMITS: JSON.stringify(limits) } },
    );

    expect(errorOf(run)).toContain("stream.incomplete");
    expect(await rawIds(destination)).toEqual(upTo(1_000));
    expect(await finalIds(destination)).toEqual(upTo(1_000));
    expect(await leftovers(destination)).toEqual([]);
  });

  it("take no more room than they may: what is beyond goes the other way, behind them", async ({
    destination,
    folder,
  }) => {
    const limits = { batchBytes: 1_000, sideBatchBytes: 1, sideBytes: 40_000 };

    const run = await write(destination, folder, [append], [...rows(1, 1_500), complete("demo")], {
      env: { ...env, SYNCLINE_LIMITS: JSON.stringify(limits) },
    });

    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(await rawIds(destination)).toEqual(upTo(1_500));
  });

  it("end with the run when their session does, and come once with the next one", async ({
    destination,
    folder,
  }) => {
    await write(destination, folder, [append], [...covered(1, 10), complete("demo")], { env });
    const running = await startWrite(destination, folder, [append], { env });
    running.write(text(rows(11, 300)));
    const side = await sideSession(destination);
    await destination.query("select pg_terminate_backend($1)", [side]);
    running.write(text([...rows(301, 600), state("demo", { at: 600 }, 590), complete("demo")]));
    running.endInput();
    const broken = await running.finished;
    expect(errorOf(broken)).toContain("postgres.connection_lost");
    expect(await rawIds(destination)).toEqual(upTo(10));

    const next = await write(
      destination,
      folder,
      [append],
      [...covered(11, 600), complete("demo")],
      { env },
    );

    expect([next.exitCode, errorOf(next)]).toEqual([0, ""]);
    expect(await rawIds(destination)).toEqual(upTo(600));
    expect(await leftovers(destination)).toEqual([]);
  });

  it("leave nothing behind for long when their writer is killed", async ({
    destination,
    folder,
  }) => {
    const running = await startWrite(destination, folder, [append], { env });
    running.write(text(rows(1, 300)));
    await sideSession(destination);
    running.kill("SIGKILL");
    await running.finished;

    const next = await write(destination, folder, [append], [...covered(1, 5), complete("demo")], {
      env,
    });

    expect([next.exitCode, errorOf(next)]).toEqual([0, ""]);
    expect(await rawIds(destination)).toEqual(upTo(5));
    expect(await leftovers(destination)).toEqual([]);
  });
});

describe("raw rows go one after the other with the typed ones", () => {
  const hanging: readonly (readonly [string, string])[] = [
    ["an index", "create unique index on _airbyte_raw_demo (_airbyte_ab_id)"],
    [
      "a trigger",
      `create function note() returns trigger language plpgsql as 'begin return new; end';
       create trigger note before insert on _airbyte_raw_demo for each row execute function note()`,
    ],
    ["a column", "alter table _airbyte_raw_demo add column seen timestamptz default now()"],
    ["a check", "alter table _airbyte_raw_demo add check (_airbyte_data is not null)"],
  ];

  it.for(hanging)(
    "where %s of the user's looks at them",
    async ([, sql], { destination, folder }) => {
      await write(destination, folder, [append], [...covered(1, 10), complete("demo")], { env });
      await destination.exec(sql);

      const { run, sessions } = await writeWatched(destination, folder, append, [
        ...covered(11, 300),
        complete("demo"),
      ]);

      expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
      expect(sessions.size).toBe(1);
      expect(await rawIds(destination)).toEqual(upTo(300));
    },
  );

  it("where the server has no second session", async ({ destination, folder }) => {
    const role = `one_${Date.now()}`;
    await destination.exec(`
      create role ${role} login password 'secret' connection limit 1;
      grant create on database "${destination.config.database}" to ${role};
      grant create, usage on schema public to ${role}`);
    try {
      const config = { username: role, password: "secret" };
      const run = await write(
        destination,
        folder,
        [append],
        [...covered(1, 300), complete("demo")],
        {
          config,
          env,
        },
      );
      expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
      expect(await rawIds(destination)).toEqual(upTo(300));
    } finally {
      await destination.exec(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });
});

/** Runs a `write`, and notes which connections copied rows. */
async function writeWatched(
  destination: Database,
  folder: string,
  given: StreamSpec,
  lines: readonly (object | string)[],
) {
  const sessions = new Set<number>();
  const proxy = await startProxy(destination.config, ({ from, type, connection }) => {
    if (from === "client" && type === "d") sessions.add(connection);
    return "pass";
  });
  try {
    const config = { ...destination.config, host: proxy.host, port: proxy.port };
    return { run: await write({ config }, folder, [given], lines, { env }), sessions };
  } finally {
    await proxy.close();
  }
}

/** Waits for a side table, and returns the number of the session that fills it. */
async function sideSession(destination: Database): Promise<string> {
  for (;;) {
    const [found] = await destination.rows(
      "select substring(relname from '^staging_side_([0-9]+)_') from pg_class where relname ~ '^staging_side_'",
    );
    if (found) return found[0]!;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => String(n + 1));

const rawIds = async (destination: Database) =>
  (
    await destination.rows("select _airbyte_data ->> 'id' from _airbyte_raw_demo order by ctid")
  ).flat();

const finalIds = async (destination: Database) =>
  (await destination.rows("select id from demo order by id")).flat();
