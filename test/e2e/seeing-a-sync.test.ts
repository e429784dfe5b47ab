import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { startOnTerminal } from "../support/terminal.ts";

const TABLES = `
  create table orders (id int primary key, note text, changed timestamptz default now());
  create table items (id int primary key, note text, changed timestamptz default now());
  create table prices (id int, note text);
  insert into orders select n, 'o' from generate_series(1, 500) n;
  insert into items select n, 'i' from generate_series(1, 300) n;
  insert into prices select n, 'p' from generate_series(1, 200) n;
  analyze`;

const INCREMENTAL = {
  sync_mode: "incremental",
  cursor_field: "changed",
  destination_sync_mode: "append_dedup",
  primary_key: ["id"],
};
const SHOP = {
  streams: [
    { name: "orders", ...INCREMENTAL },
    { name: "items", ...INCREMENTAL },
    { name: "prices", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
  ],
};

async function synced(source: Database, destination: Database, folder: string) {
  await source.exec(TABLES);
  const connections = { shop: SHOP };
  const project = await Project.create(folder, { source, destination, connections });
  await project.sync();
  return project;
}

/**
 * Holds up whoever changes the orders at the destination, until the function it returns is called. By a
 * lock of nobody's table: of a wait for one of those a sync says so after a while, and not what it is at.
 */
async function holdUpMerge(destination: Database): Promise<() => Promise<void>> {
  await destination.exec(`
    create function hold_up() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(1); return null; end $$;
    create trigger hold_up before insert or update or delete on orders
      for each statement execute function hold_up();
    select pg_advisory_lock(1)`);
  return () => destination.exec("select pg_advisory_unlock(1)");
}

describe("a sync on a terminal", () => {
  it.for([80, 120])(
    "shows on %i columns what each stream is at, and ends in a clean summary",
    async (columns, { source, destination, folder }) => {
      await synced(source, destination, folder);
      await source.exec("update orders set note = 'n', changed = now() + interval '1 second'");
      const goOn = await holdUpMerge(destination);

      const session = startOnTerminal("syncline", ["sync"], { cwd: folder, columns });
      // The orders may be merged before the last prices are read.
      const screen = await session.shows(
        (shown) => shown.includes("merging") && shown.includes(" 700 rows, "),
      );
      expect(screen).toMatch(/^shop: job 2, 700 rows, .*, 0:\d\d$/m);
      expect(screen).toMatch(/^ {2}public.orders +merging +500 /m);
      const lines = screen.split("\n");
      expect(lines.every((line) => line.length < columns)).toBe(true);
      expect(lines.length).toBeLessThan(8);
      await goOn();

      const { exitCode, screen: last } = await session.finished;
      expect(exitCode).toBe(0);
      expect(last).not.toContain("merging");
      expect(last).toMatch(/shop: job 2 succeeded \(attempt 0\), \d+\.\d s/);
      expect(last).toMatch(/total +3 of 3 +700 /);
    },
  );

  it.for([
    ["in color", {}, true],
    ["without, where NO_COLOR is set", { NO_COLOR: "1" }, false],
  ] as const)("shows it %s", async ([, env, isColored], { source, destination, folder }) => {
    await synced(source, destination, folder);
    await source.exec("update orders set note = 'n', changed = now() + interval '1 second'");
    const goOn = await holdUpMerge(destination);

    const session = startOnTerminal("syncline", ["sync"], { cwd: folder, env });
    await session.shows((shown) => shown.includes("merging"));
    await goOn();
    await session.finished;

    // oxlint-disable-next-line no-control-regex
    expect(/\u001b\[[\d;]*m/.test(session.written())).toBe(isColored);
  });

  it("keeps what it says apart from the table, and takes Ctrl-C and another width", async ({
    source,
    destination,
    folder,
  }) => {
    await synced(source, destination, folder);
    await source.exec("update orders set note = 'n', changed = now() + interval '1 second'");
    const goOn = await holdUpMerge(destination);
    const session = startOnTerminal("syncline", ["sync"], { cwd: folder });
    await session.shows((shown) => shown.includes("merging"));

    session.resize(30, 20);
    // What the old picture left where the terminal folded its lines stays above.
    const lastOf = (shown: string) => shown.slice(shown.lastIndexOf("shop: job 2"));
    await session.shows(
      (shown) => /merging/.test(lastOf(shown)) && !/MB\/s *$/m.test(lastOf(shown)),
    );
    session.press("\x03");

    await session.shows((shown) => /^stopping: /m.test(shown) && shown.includes("merging"));
    await goOn();
    const { exitCode, screen } = await session.finished;
    expect(exitCode).toBe(130);
    expect(screen).toMatch(/^stopping: /m);
    expect(screen).toMatch(/^shop: job 2 /m);
  });
});

it("tells where the time of a sync went, on both sides", async ({
  source,
  destination,
  folder,
}) => {
  const project = await synced(source, destination, folder);

  const { stdout } = await project.syncline(["why"]);

  expect(stdout).toMatch(/^shop: job 1 succeeded in \d+\.\d s, most of it /);
  expect(stdout).toMatch(/of it, the destination's +this job\n +COPY +\d/);
  expect(stdout).toMatch(/stream +reading +waiting +COPY +merge +swap +work/);
  const job = await project.job(1);
  expect(job.attempts[0]!.streams).toMatchObject([
    { name: "items", expected: 300, times: { merge: expect.any(Number) } },
    {
      name: "orders",
      expected: 500,
      times: { copy: expect.any(Number), merge: expect.any(Number) },
    },
    { name: "prices", expected: 200, times: { swap: expect.any(Number) } },
  ]);
});

it("syncs some streams alone, and leaves the positions and tables of the others as they were", async ({
  source,
  destination,
  folder,
}) => {
  const project = await synced(source, destination, folder);
  const all = (table: string) =>
    destination.rows(`select t.*::text, xmin from ${table} t order by id`);
  const before = { orders: await all("orders"), prices: await all("prices") };
  const positions = async () => {
    const { stdout } = await project.syncline(["state", "show", "shop", "--json"]);
    return stdout;
  };
  const orderState = (text: string) => /"name":"orders".*?\}\}/.exec(text)?.[0];
  const old = await positions();
  await source.exec(`
    insert into orders values (1000, 'new', now() + interval '1 second');
    insert into items values (1000, 'new', now() + interval '1 second');
    insert into prices values (1000, 'new')`);

  const alone = await project.syncline(["sync", "shop", "--stream", "items"]);

  expect(alone.exitCode).toBe(0);
  expect((await project.job(2)).attempts[0]!.streams!.map(({ name }) => name)).toEqual(["items"]);
  expect(await all("items")).toHaveLength(301);
  expect({ orders: await all("orders"), prices: await all("prices") }).toEqual(before);
  expect(orderState(old)).toBeDefined();
  expect(orderState(await positions())).toBe(orderState(old));

  await project.sync();
  const counts = (await project.job(3)).attempts[0]!.streams!;
  expect(counts).toMatchObject([
    { name: "items", emitted: 0 },
    { name: "orders", emitted: 1 },
    { name: "prices", emitted: 201 },
  ]);
  expect(await all("orders")).toHaveLength(501);
  expect(await all("prices")).toHaveLength(201);

  const typo = await project.syncline(["sync", "--stream", "itmes"]);
  expect(typo.exitCode).toBe(2);
  expect(typo.stderr).toContain("the connection has no stream itmes (did you mean items?)");
});

/** What a terminal that wraps lines left of a picture when it got narrower would show twice. */
const pictures = (screen: string) => screen.match(/^shop: job \d+, /gm)?.length ?? 0;

it("says of a stream that waits for somebody's lock that it does, and leaves no ghost of the picture on a narrower terminal", async ({
  source,
  destination,
  folder,
}) => {
  await synced(source, destination, folder);
  await source.exec("begin; alter table items add column more int");
  const session = startOnTerminal("syncline", ["sync"], { cwd: folder, columns: 120, rows: 30 });

  const waiting = await session.shows((shown) => /items +waiting for a lock/.test(shown));
  const above = waiting.split("\n").filter((line) => /WARN .*waiting for a lock on/.test(line));
  const seen: number[] = [];
  const nextPicture = async () => {
    const before = session.written().length;
    await session.shows(() => /\d:\d\d/.test(session.written().slice(before)));
  };
  for (const columns of [55, 45, 100]) {
    // Right behind a picture, so that none is on its way that is made for the width before.
    await nextPicture();
    session.resize(columns, 30);
    await nextPicture();
    await nextPicture();
    seen.push(pictures(session.screen()));
  }
  await source.exec("commit");
  const { exitCode, screen } = await session.finished;

  expect(above).toHaveLength(1);
  expect(seen).toEqual([1, 1, 1]);
  expect(exitCode).toBe(0);
  expect(pictures(screen)).toBe(0);
  expect(screen.replaceAll("\n", "")).toContain("waiting for a lock on public.items");
  expect(screen).toMatch(/shop: job 2 succeeded/);
});

it.for([
  ["while its table is made to fit", "final_only", "alter table items add column more int"],
  ["while its rows come", "final_only", "select 1"],
  ["while they are merged", "raw_and_final", "select 1"],
] as const)(
  "says of a stream that waits for somebody's lock at the destination that it does, %s",
  async ([, tables, change], { source, destination, folder }) => {
    await source.exec("create table items as select id, 'x' as name from generate_series(1, 9) id");
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { tables, history: false },
      connections: { shop: { streams: [{ ...INCREMENTAL, name: "items", cursor_field: "id" }] } },
    });
    await project.sync();
    await source.exec(`${change}; insert into items (id) values (10)`);
    await destination.exec("begin; lock table items in share mode");
    const session = startOnTerminal("syncline", ["sync"], { cwd: folder, columns: 120 });

    const waiting = await session.shows((shown) => /WARN .*waiting for a lock/.test(shown));
    if (change === "select 1")
      await session.shows((shown) => /items +waiting for a lock/.test(shown));
    await destination.exec("commit");
    const { exitCode, screen } = await session.finished;

    expect(waiting).toMatch(/destination \w+: waiting for a lock on public\.items, which is held/);
    expect(exitCode, screen).toBe(0);
    expect(screen).toMatch(/shop: job 2 succeeded/);
    expect(await destination.rows("select count(*) from items")).toEqual([["10"]]);
  },
);
