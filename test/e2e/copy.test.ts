import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { parse } from "yaml";
import { it, type Database } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";
import { startOnTerminal } from "../support/terminal.ts";

/** Two tables that have all a merge needs, and one that has nothing. */
const SHOP = `
  create table orders (id int primary key, item varchar(20), updated_at timestamptz not null);
  insert into orders values (1, 'tea', '2024-01-01'), (2, 'milk', '2024-01-02');
  create schema archive;
  create table archive.visits (id bigint primary key, page text);
  insert into archive.visits values (9007199254740993, 'home');
  create table notes (line text);
  insert into notes values ('one');`;

function copier(folder: string, source: Database, destination: Database) {
  return (...options: string[]) =>
    runExecutable("syncline", ["copy", source.url, destination.url, ...options], {
      cwd: folder,
      env: { HOME: folder },
    });
}

/** All that a first copy says beside its report. */
const MADE = /^WARN .*: the schema archive did not exist and was created\n$/;

it("copies every table of a database as it is, with two URLs and no file", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const copy = copier(folder, source, destination);

  const first = await copy();
  const again = await copy();

  expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(MADE) });
  expect(again).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await destination.rows("select id, item from orders order by id")).toEqual([
    ["1", "tea"],
    ["2", "milk"],
  ]);
  expect(await destination.rows("select id, page from archive.visits")).toEqual([
    ["9007199254740993", "home"],
  ]);
  const type = `select format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = 'orders'::regclass and attname = 'item'`;
  expect(await destination.rows(type)).toEqual([["character varying(20)"]]);
  expect(await readdir(folder)).toEqual([".syncline"]);
});

it("goes on where the last copy stood, and merges what changed", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const copy = copier(folder, source, destination);
  await copy("--mode", "merge", "--stream", "orders");
  await source.exec(`
    update orders set item = 'oats', updated_at = '2024-02-01' where id = 2;
    insert into orders values (3, 'rye', '2024-02-02')`);

  const { exitCode, stdout, stderr } = await copy(
    "--mode=merge",
    "--stream=public.orders",
    "--json",
  );

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ streams: [{ name: "orders", committed: 2 }] });
  expect(stderr).toBe("public.orders: merge, cursor updated_at, key id\n");
  expect(await destination.rows("select id, item from orders order by id")).toEqual([
    ["1", "tea"],
    ["2", "oats"],
    ["3", "rye"],
  ]);
});

it("writes the file it amounts to, without a password, and sync goes on with it", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const copy = copier(folder, source, destination);
  await copy("--mode", "append", "--stream", "orders", "--save");

  const text = await readFile(join(folder, "syncline.yaml"), "utf8");
  expect(text).not.toContain(source.config.password);
  expect(parse(text)).toMatchObject({
    sources: { [source.config.database]: { config: { password: "${SOURCE_PASSWORD}" } } },
  });
  const values = [`SOURCE_PASSWORD='${source.config.password}'`, `DESTINATION_PASSWORD='no'`];
  await writeFile(join(folder, ".env"), `# secrets\n${values.join("\n")}\n`);
  const env = { DESTINATION_PASSWORD: destination.config.password };
  const synced = await runExecutable("syncline", ["sync", "--json"], { cwd: folder, env });
  expect(JSON.parse(synced.stdout)).toMatchObject({ status: "succeeded", id: 2 });
  expect(await destination.rows("select count(*) from orders")).toEqual([["2"]]);

  const over = await copy("--save");
  expect(over).toMatchObject({ exitCode: 2 });
  expect(over.stderr).toContain("syncline.yaml exists already");
  expect(await readFile(join(folder, "syncline.yaml"), "utf8")).toBe(text);
});

it("refuses what cannot be guessed, and says the way out", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const copy = copier(folder, source, destination);
  const refused = async (...options: string[]) => {
    const { exitCode, stderr } = await copy(...options);
    expect(exitCode).toBe(2);
    return stderr;
  };

  expect(await refused("--mode", "merge", "--stream", "visits")).toMatch(/visits has no column by/);
  expect(await refused("--mode", "append", "--stream", "notes")).toMatch(/--mode replace copies/);
  expect(await refused("--stream", "order")).toMatch(/no table order .*did you mean orders/);
  expect(await refused("--mode", "upsert")).toMatch(/there is replace, snapshot, append, merge/);
  expect(await refused("--mode", "merge", "--stream", "orders", "--cursor", "update_at")).toMatch(
    /no column update_at.*updated_at/,
  );
  expect(await destination.rows("select to_regclass('orders')")).toEqual([[null]]);
  // A number that grows finds new rows, which is all that append is for.
  expect(await copy("--mode", "append", "--stream", "visits")).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^archive\.visits: append, cursor id\nWARN .*was created\n$/),
  });
});

it("never repeats a password, and tries both ends before anything is written", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const run = (...urls: string[]) =>
    runExecutable("syncline", ["copy", ...urls, "--save"], { cwd: folder, env: { HOME: folder } });
  const wrong = destination.url.replace(/:[^:@/]*@/, ":s3cret@");

  const results = [
    await run(source.url, wrong),
    await run(source.url, "postgres://me:s3cret@b@host/db"),
    await run("mysql://me:s3cret@host/db", destination.url),
    await run(source.url, "postgres://me:s3cret@host/db?options=-cx"),
  ];

  for (const { exitCode, stdout, stderr } of results) {
    expect(exitCode).toBe(2);
    expect(stdout + stderr).not.toContain("s3cret");
  }
  expect(results.map(({ stderr }) => stderr.split("\n")[0])).toEqual([
    expect.stringContaining("password"),
    "usage.invalid: the destination has more than one @",
    "usage.invalid: the source is no PostgreSQL URL",
    "usage.invalid: the destination: the parameter options is not taken here",
  ]);
  expect(existsSync(join(folder, "syncline.yaml"))).toBe(false);
});

it("takes what a URL leaves out from a service file, PG* variables and a password file", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const { host, port, username, password } = source.config;
  await writeFile(
    join(folder, "services.conf"),
    `[shop]\nhost=${host}\nport=${port}\ndbname=${source.config.database}\n`,
  );
  await writeFile(join(folder, "passwords"), `*:${port}:*:${username}:${password}\n`, {
    mode: 0o600,
  });
  await mkdir(join(folder, "home"));
  const { config: to } = destination;

  const { exitCode, stderr } = await runExecutable(
    "syncline",
    [
      "copy",
      "--stream=notes",
      "postgres://?service=shop",
      `host=${to.host} port=${to.port} dbname=${to.database} password='${to.password}'`,
    ],
    {
      cwd: folder,
      env: {
        HOME: join(folder, "home"),
        PGSERVICEFILE: join(folder, "services.conf"),
        PGPASSFILE: join(folder, "passwords"),
        PGUSER: username,
      },
    },
  );

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(await destination.rows("select line from notes")).toEqual([["one"]]);
});

it("asks on a terminal for what it cannot guess, and offers to write the file", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const terminal = startOnTerminal(
    "syncline",
    ["copy", source.url, destination.url, "--stream", "visits", "--mode", "merge"],
    { cwd: folder },
  );

  await terminal.shows((screen) => screen.includes("Which column of archive.visits grows"));
  terminal.press("\r");
  await terminal.shows((screen) => screen.includes("Save this as syncline.yaml"));
  terminal.press("y");

  const { exitCode, screen } = await terminal.finished;
  expect(exitCode).toBe(0);
  expect(screen).toMatch(/archive\.visits: merge, cursor id, key id/);
  expect(await readFile(join(folder, "syncline.yaml"), "utf8")).toContain("cursor_field: id");
  expect(await destination.rows("select page from archive.visits")).toEqual([["home"]]);
});

/** The URL as it may be typed: the password is nobody's to see. */
const withoutPassword = ({ url }: Database) => url.replace(/:[^:@/]*@/, "@");

it("asks on a terminal for a password that the server wants, unseen", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const terminal = startOnTerminal(
    "syncline",
    ["copy", withoutPassword(source), withoutPassword(destination), "--stream", "notes"],
    { cwd: folder, env: { HOME: folder } },
  );

  for (const { end, config } of [
    { end: "source", config: source.config },
    { end: "destination", config: destination.config },
  ]) {
    await terminal.shows((screen) =>
      screen
        .slice(screen.lastIndexOf("◆"))
        .includes(`Password of ${config.username} at the ${end}`),
    );
    terminal.press(`${config.password}\r`);
  }
  await terminal.shows((screen) => screen.includes("Save this as syncline.yaml"));
  terminal.press("n");

  const { exitCode, screen } = await terminal.finished;
  expect(exitCode, screen).toBe(0);
  expect(terminal.written()).not.toContain(source.config.password);
  expect(await destination.rows("select line from notes")).toEqual([["one"]]);
});

it("gives up where none is given", async ({ source, destination, folder }) => {
  const terminal = startOnTerminal("syncline", ["copy", withoutPassword(source), destination.url], {
    cwd: folder,
    env: { HOME: folder },
  });

  await terminal.shows((screen) => screen.includes(`Password of ${source.config.username}`));
  terminal.press("\r");

  const { exitCode, screen } = await terminal.finished;
  expect(exitCode).toBe(2);
  expect(screen).toContain("none is set");
});

it("says where nobody can be asked how a password is given, for either end", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const run = (...urls: string[]) =>
    runExecutable("syncline", ["copy", ...urls], { cwd: folder, env: { HOME: folder } });

  const results = [
    await run(withoutPassword(source), destination.url),
    await run(source.url, withoutPassword(destination)),
  ];

  for (const [index, end] of ["source", "destination"].entries()) {
    const { exitCode, stderr } = results[index]!;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`^postgres\\.auth_failed: ${end} .*none is set`));
    expect(stderr).toContain(`PGPASSWORD, or in the URL of the ${end}`);
  }
});

it("says of a destination that cannot be reached that this may pass, as a sync does", async ({
  source,
  folder,
}) => {
  await source.exec(SHOP);

  const { exitCode, stderr } = await runExecutable(
    "syncline",
    ["copy", source.url, "postgres://me:secret@127.0.0.1:1/none"],
    { cwd: folder, env: { HOME: folder } },
  );

  expect(stderr).toMatch(/^postgres\.unreachable: destination none: /);
  expect(exitCode).toBe(1);
});
