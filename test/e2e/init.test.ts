import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { parse } from "yaml";
import { it } from "../support/fixtures.ts";
import { startOnTerminal, type TerminalSession } from "../support/terminal.ts";

const SHOP = `
  create table orders (id int primary key, item text, updated_at timestamptz not null);
  insert into orders values (1, 'tea', '2024-01-01'), (2, 'milk', '2024-01-02');
  create table notes (line text);
  insert into notes values ('one');
  analyze;`;

/** Waits for a question, and answers it with keys. */
async function answer(terminal: TerminalSession, question: string, keys: string): Promise<void> {
  await terminal.shows((screen) => screen.slice(screen.lastIndexOf("◆")).includes(question));
  terminal.press(keys);
}

it("asks for both databases and the tables, writes the file and runs the first sync", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(SHOP);
  const terminal = startOnTerminal("syncline", ["init"], { cwd: folder, env: { HOME: folder } });
  const { host, port, database, username, password } = source.config;

  await answer(terminal, "Where is the source?", "postgres://nobody@127.0.0.1:1/none\r");
  await answer(terminal, "Password of nobody", "\r");
  await terminal.shows((screen) => screen.includes("nothing accepts connections"));
  // What was typed stays, to be corrected.
  await answer(terminal, "127.0.0.1:1/none", "\x15");
  await answer(
    terminal,
    "Where is the source?",
    `postgres://${username}@${host}:${port}/${database}\r`,
  );
  await answer(terminal, `Password of ${username}`, `${password}\r`);
  await answer(terminal, "Where is the destination?", `${destination.url}\r`);
  await terminal.shows((screen) => /public\.orders +~2 rows +8\.2 kB/.test(screen));
  await answer(terminal, "Which tables?", "\r");
  await answer(terminal, "How are they copied?", "\r");
  const proposed = await terminal.shows((screen) => screen.includes("All right?"));
  expect(proposed).toMatch(/public\.notes +replace\n/);
  expect(proposed).toMatch(/public\.orders +merge +updated_at +id\n/);
  await answer(terminal, "All right?", "\r");
  await answer(terminal, "Run the first sync now?", "y");

  const { exitCode, screen } = await terminal.finished;
  expect(exitCode).toBe(0);
  expect(screen).toContain("job 1 succeeded");
  const text = await readFile(join(folder, "syncline.yaml"), "utf8");
  expect(screen + text).not.toContain(password);
  expect(parse(text)).toMatchObject({
    connections: {
      [`${database}-to-${destination.config.database}`]: {
        streams: [
          { name: "notes", sync_mode: "full_refresh" },
          { name: "orders", cursor_field: "updated_at", primary_key: "id" },
        ],
      },
    },
  });
  expect(await destination.rows("select item from orders order by id")).toEqual([
    ["tea"],
    ["milk"],
  ]);
});

it("leaves nothing behind when it is cancelled", async ({ source, destination, folder }) => {
  await source.exec(SHOP);
  const terminal = startOnTerminal("syncline", ["init"], {
    cwd: folder,
    env: { HOME: folder, TMPDIR: folder },
  });

  await answer(terminal, "Where is the source?", `${source.url}\r`);
  await answer(terminal, "Where is the destination?", `${destination.url}\r`);
  await answer(terminal, "Which tables?", "\x03");

  expect((await terminal.finished).exitCode).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});

it("writes the template where it is told to ask nothing", async ({ folder }) => {
  const terminal = startOnTerminal("syncline", ["init", "--no-input"], { cwd: folder });

  const { exitCode, screen } = await terminal.finished;

  expect({ exitCode, screen: screen.split(":")[0] }).toEqual({
    exitCode: 0,
    screen: "wrote syncline.yaml",
  });
});
